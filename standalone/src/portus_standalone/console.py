"""What a person sees while Portus runs: sentences, and the errors of the child processes.

Colour only on a terminal, and never with ``NO_COLOR`` (https://no-color.org).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final, TextIO

_COLOURS: Final = (36, 33, 35, 32, 34)


class Console:
    """Write to a terminal or a file; `colour` says whether escape codes are welcome."""

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        self._stream = stream
        self._colour = colour
        self._names: dict[str, int] = {}

    def say(self, text: str = "") -> None:
        """Write one line, at once."""
        print(text, file=self._stream, flush=True)

    def say_for(self, name: str, line: str) -> None:
        """Write one line of the child process called `name`."""
        code = self._names.setdefault(name, _COLOURS[len(self._names) % len(_COLOURS)])
        prefix = f"\x1b[{code}m{name} |\x1b[0m" if self._colour else f"{name} |"
        self.say(f"{prefix} {line}")

    def strong(self, text: str) -> str:
        """Return `text` in bold where that is possible."""
        return f"\x1b[1m{text}\x1b[0m" if self._colour else text


def open_console(stream: TextIO = sys.stdout, environ: Mapping[str, str] = os.environ) -> Console:
    """Return the console for `stream`, in colour only where a person would want it."""
    return Console(stream, colour=stream.isatty() and not environ.get("NO_COLOR"))
