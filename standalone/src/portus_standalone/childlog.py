"""One child's output: whole lines into a rotated file, its errors onto the console too."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from portus_standalone.console import Console
from portus_standalone.loglines import serious

_KEPT_FILES: Final = 3
_LARGEST_FILE_BYTES: Final = 10 * 1024 * 1024
_LONGEST_LINE_BYTES: Final = 64 * 1024
_REMEMBERED_LINES: Final = 40


class ChildLog:
    """Collect what one child writes; the file of an earlier run is rotated away first.

    `secrets` are masked, because not every child keeps its own to itself: at its start the
    registry writes down the headers of its notifications.
    """

    def __init__(
        self, name: str, directory: Path, console: Console, *, secrets: Sequence[str] = ()
    ) -> None:
        self._secrets = [secret.encode() for secret in secrets]
        self._name = name
        self._console = console
        self._partial = b""
        self.path = directory / f"{name}.log"
        self.recent: deque[str] = deque(maxlen=_REMEMBERED_LINES)
        _rotate(self.path)
        self._file = self.path.open("ab")

    def feed(self, data: bytes) -> None:
        """Take the next bytes, in pieces of any size."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > _LONGEST_LINE_BYTES:
            lines.append(self._partial)
            self._partial = b""
        for line in lines:
            self._write(line)
        self._file.flush()

    def close(self) -> None:
        """Write what is left of an unfinished line and close the file."""
        if self._partial:
            self._write(self._partial)
        self._partial = b""
        self._file.close()

    def _masked(self, line: bytes) -> bytes:
        masked = line
        for secret in self._secrets:
            masked = masked.replace(secret, b"***")
        return masked

    def _write(self, line: bytes) -> None:
        line = self._masked(line)
        if self._file.tell() > _LARGEST_FILE_BYTES:
            self._file.close()
            _rotate(self.path)
            self._file = self.path.open("ab")
        self._file.write(line + b"\n")
        text = line.decode("utf-8", "replace").rstrip()
        self.recent.append(text)
        if error := serious(text):
            self._console.say_for(self._name, error)


def _rotate(path: Path) -> None:
    """Move ``x.log`` to ``x.log.1``, that to ``x.log.2``, and so on."""
    for number in range(_KEPT_FILES, 0, -1):
        older = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number}"))
