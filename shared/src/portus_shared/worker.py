"""Loops that run beside the web server: relay, consumer, retries, scans.

The supervisor restarts a loop that fails, with growing pauses, and tells since when each has been
alive. In standalone the loops are threads of the one process.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import Counter

from portus_shared import logs

_FIRST_PAUSE_S: Final = 0.5
_LAST_PAUSE_S: Final = 30.0
_HEALTHY_S: Final = 60.0
_restarts = Counter("portus_loop_restarts", "Loops restarted after a failure", ["loop"])
_log = logs.logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Something that runs until told to stop; returning early counts as failing."""

    name: str
    run: Callable[[threading.Event], None]


class Supervisor:
    """Keep loops running, each on a thread of its own."""

    def __init__(self, loops: Sequence[Loop]) -> None:
        self._loops = tuple(loops)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._failures: dict[str, int] = {loop.name: 0 for loop in loops}

    def start(self) -> None:
        """Start every loop."""
        for loop in self._loops:
            thread = threading.Thread(target=self._keep, args=(loop,), name=loop.name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Ask all loops to end and wait; tell whether all did within `timeout_s`."""
        self._stop.set()
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def failures(self) -> Mapping[str, int]:
        """Return how often in a row each loop has failed; 0 while it runs well."""
        return dict(self._failures)

    def run_until_signalled(self) -> None:
        """Run until SIGTERM or SIGINT comes to the main thread, then stop cleanly."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        self.start()
        # A wait with a time limit lets the main thread run its signal handlers.
        while not self._stop.wait(0.5):
            pass
        self.stop()

    def _keep(self, loop: Loop) -> None:
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                loop.run(self._stop)
                reason = "it returned"
            except Exception as error:  # noqa: BLE001 (logged; one loop must not end the service)
                reason = f"{type(error).__name__}: {error}"
                if not self._stop.is_set():
                    _log.exception("a loop failed", extra={"loop": loop.name})
            if not self._stop.is_set():
                self._pause(loop, reason, time.monotonic() - started)

    def _pause(self, loop: Loop, reason: str, lasted_s: float) -> None:
        failures = 1 if lasted_s > _HEALTHY_S else self._failures[loop.name] + 1
        self._failures[loop.name] = failures
        _restarts.labels(loop.name).inc()
        pause_s = min(_FIRST_PAUSE_S * 2 ** (failures - 1), _LAST_PAUSE_S)
        fields = {"loop": loop.name, "reason": reason, "pause_s": pause_s}
        _log.warning("a loop is restarted", extra=fields)
        self._stop.wait(pause_s)
