"""A circuit: after some failures in a row, stop asking for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

FAILURES: Final = 5
OPEN_S: Final = 10.0


class Circuit:
    """Count failures in a row; from the fifth on the circuit is open for ten seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_again_at = 0.0

    def is_open(self) -> bool:
        """Tell whether to spare the service; after the pause one try is let through at a time."""
        with self._lock:
            if self._failures < FAILURES:
                return False
            if self._clock() < self._closed_again_at:
                return True
            self._closed_again_at = self._clock() + OPEN_S
            return False

    def succeeded(self) -> None:
        """Close the circuit."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Count one failure."""
        with self._lock:
            self._failures += 1
            self._closed_again_at = self._clock() + OPEN_S
