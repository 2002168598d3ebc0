"""Run child processes in stages, keep them running, stop them in the opposite order.

The children of one stage start together, once those of the stage before are ready, and stop
together, once those of the stage after have ended.

One thread does everything (a selector over signals and the children's output), because the
kernel ties each child to the thread that forked it and because a fork next to other threads is
not safe. A child is one process group; a signal goes to its leader first, so that it can stop
its own children in order, and to the whole group only after its grace time.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from portus_standalone.child import Child, Process
from portus_standalone.console import Console
from portus_standalone.wakeup import Wakeup

__all__ = ["Child", "StartFailed", "Supervisor"]

_PROBE_INTERVAL_S: Final = 0.05
_TRIES_BEFORE_READY: Final = 3


class StartFailed(Exception):
    """Say which child did not become ready; `recent` holds its last lines."""

    def __init__(self, name: str, reason: str, log: Path, recent: Sequence[str]) -> None:
        super().__init__(f"{name} {reason}; its whole log is {log}")
        self.recent = tuple(recent)


class Supervisor:
    """Own the children from `run` until it returns."""

    def __init__(self, stages: Sequence[Sequence[Child]], console: Console, log_dir: Path) -> None:
        log_dir.mkdir(parents=True, exist_ok=True)
        self._console = console
        self._wakeup = Wakeup()
        self._stages = [
            [Process(child, console, log_dir, self._wakeup) for child in stage] for stage in stages
        ]
        self._processes = [process for stage in self._stages for process in stage]

    def run(self, when_ready: Callable[[], None]) -> None:
        """Start all, call `when_ready`, then keep them running until SIGINT or SIGTERM.

        Raises `StartFailed` when a child dies three times, or its time is up, before it was
        ready. Whatever happens, no child is left when this returns.
        """
        with self._wakeup.handling(signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            try:
                self._start_in_order()
                if not self._wakeup.stops:
                    when_ready()
                while not self._wakeup.stops:
                    self._turn()
            finally:
                self._stop_in_order()

    def _start_in_order(self) -> None:
        for stage in self._stages:
            if self._wakeup.stops:
                return
            for process in stage:
                process.start_first()
            self._await_ready(stage)

    def _await_ready(self, stage: Sequence[Process]) -> None:
        waiting = list(stage)
        while waiting and not self._wakeup.stops:
            self._turn(_PROBE_INTERVAL_S)
            waiting = [process for process in waiting if not process.is_ready()]
            for process in waiting:
                if process.deaths >= _TRIES_BEFORE_READY:
                    raise self._failure(process, "stops again and again")
                if process.is_overdue:
                    raise self._failure(process, "does not become ready")

    def _failure(self, process: Process, reason: str) -> StartFailed:
        return StartFailed(process.child.name, reason, process.log.path, process.log.recent)

    def _turn(self, timeout_s: float | None = None) -> None:
        """Wait for something to happen, then bury the dead and start whatever is due."""
        due = [process.due_at for process in self._processes if process.due_at is not None]
        if due:
            until_due_s = max(0.0, min(due) - time.monotonic())
            timeout_s = until_due_s if timeout_s is None else min(timeout_s, until_due_s)
        self._wakeup.wait(timeout_s)
        for process in self._processes:
            if process.reap() and not process.is_done:
                self._console.say(
                    f"{process.child.name} stopped unexpectedly ({process.last_exit}); "
                    f"starting it again in {process.pause_s:.1f} s"
                )
            process.start_if_due()

    def _stop_in_order(self) -> None:
        for process in self._processes:
            process.due_at = None
        for stage in reversed(self._stages):
            self._stop(stage)
        for process in self._processes:
            process.close()
        self._wakeup.close()

    def _stop(self, stage: Sequence[Process]) -> None:
        """Ask the leaders to stop; kill a group when its grace is over or a person insists."""
        started = time.monotonic()
        for process in stage:
            process.ask_to_stop()
        while running := [
            each for each in stage if each.is_running and not each.reap(restart=False)
        ]:
            passed_s = time.monotonic() - started
            for process in running:
                if passed_s >= process.child.grace_s or self._wakeup.stops > 1:
                    process.kill()
            left_s = min(process.child.grace_s for process in running) - passed_s
            self._wakeup.wait(max(left_s, _PROBE_INTERVAL_S))
        for process in stage:
            process.kill_stragglers()
