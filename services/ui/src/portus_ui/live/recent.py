"""What was told lately, for pages whose stream opens after they were made.

Between the moment a page's data is read and the moment its stream is open, something may change;
a position, taken before the data is read and shown when the stream opens, tells what that was.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from typing import Final

from portus_ui.domain.topics import Hint

_KEPT: Final = 512


class Recent:
    """The last hints of this process, by position; positions of another process mean nothing."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._count = 0
        self._hints: deque[Hint] = deque(maxlen=_KEPT)

    def position(self) -> str:
        """Return where the hints are now."""
        with self._lock:
            return f"{self._process}.{self._count}"

    def add(self, hint: Hint) -> None:
        """Remember a hint."""
        with self._lock:
            self._count += 1
            self._hints.append(hint)

    def since(self, position: str) -> list[Hint] | None:
        """Return the hints after a position; None when that is not known any more."""
        process, _, text = position.partition(".")
        if process != self._process or not (text.isascii() and text.isdigit()):
            return None
        with self._lock:
            missed = self._count - int(text[:18])
            if not 0 <= missed <= len(self._hints):
                return None
            return list(self._hints)[len(self._hints) - missed :]
