"""One supervised process: what to run, and the running of it."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portus_shared.tether import tether_to
from portus_standalone.childlog import ChildLog
from portus_standalone.console import Console
from portus_standalone.wakeup import Wakeup

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
_GOOD_RUN_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What to run, how to know that it is ready, and how to stop it.

    `ready` is asked often and must answer within about a second; it gets no arguments. Without
    it the child is an errand: it is ready when it has ended well, and is not run again.
    `grace_s` passes between `stop_signal` and SIGKILL. `secrets` are masked in its log.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], bool] | None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 3.0
    start_timeout_s: float = 60.0
    secrets: Sequence[str] = ()


class Process:
    """Run one child again and again; `due_at` (monotonic) is when it starts next, if it does."""

    def __init__(self, child: Child, console: Console, log_dir: Path, wakeup: Wakeup) -> None:
        self.child = child
        self.log = ChildLog(child.name, log_dir, console, secrets=child.secrets)
        self.deaths = 0
        self.pause_s = 0.0
        self.due_at: float | None = None
        self.last_exit = ""
        self.is_done = False
        self._wakeup = wakeup
        self._popen: subprocess.Popen[bytes] | None = None
        self._leader_pid = 0
        self._started_at = 0.0
        self._awaited_since = 0.0

    @property
    def is_running(self) -> bool:
        """Tell whether the process was started and not yet reaped."""
        return self._popen is not None

    def is_ready(self) -> bool:
        """Tell whether what depends on the child can be started."""
        if self.child.ready is None:
            return self.is_done
        return self.is_running and self.child.ready()

    @property
    def is_overdue(self) -> bool:
        """Tell whether the time to become ready is over."""
        return time.monotonic() > self._awaited_since + self.child.start_timeout_s

    def start_first(self) -> None:
        """Start the process, and the time within which it must become ready."""
        self._awaited_since = time.monotonic()
        self.start()

    def start(self) -> None:
        """Start the process in a group of its own, tied to this one's life."""
        self.due_at = None
        self._started_at = time.monotonic()
        self._popen = subprocess.Popen(
            list(self.child.argv),
            env=dict(self.child.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Safe: the supervisor has one thread.
            preexec_fn=tether_to(os.getpid()),  # noqa: PLW1509
        )
        self._leader_pid = self._popen.pid
        if self._popen.stdout:
            self._wakeup.watch(self._popen.stdout, self.log.feed)

    def start_if_due(self) -> None:
        """Start the process again once its pause is over."""
        if self.due_at is not None and time.monotonic() >= self.due_at:
            self.start()

    def reap(self, *, restart: bool = True) -> bool:
        """Tell whether the process has just ended; with `restart`, plan its next start.

        The pause doubles with every early death and is jittered, so that several children
        that share a cause do not come back in step.
        """
        if self._popen is None or self._popen.poll() is None:
            return False
        self.last_exit = _describe_exit(self._popen.returncode)
        if self._popen.stdout:
            self._wakeup.forget(self._popen.stdout)
        self.is_done = self.child.ready is None and self._popen.returncode == 0
        self._popen = None
        self.kill_stragglers()
        if restart and not self.is_done:
            lived_s = time.monotonic() - self._started_at
            self.deaths = 1 if lived_s > _GOOD_RUN_S else self.deaths + 1
            longest_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (self.deaths - 1))
            self.pause_s = longest_s * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)
            self.due_at = time.monotonic() + self.pause_s
        return True

    def ask_to_stop(self) -> None:
        """Send the leader its stop signal."""
        if self._popen:
            self._popen.send_signal(self.child.stop_signal)

    def kill(self) -> None:
        """Kill the whole group."""
        if self._popen:
            _kill_group(self._leader_pid)

    def kill_stragglers(self) -> None:
        """Kill what an ended leader left behind in its group."""
        if self._leader_pid and not self._popen:
            _kill_group(self._leader_pid)
            self._leader_pid = 0

    def close(self) -> None:
        """Close the log."""
        self.log.close()


def _kill_group(leader_pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader_pid, signal.SIGKILL)


def _describe_exit(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"signal {signal.Signals(-code).name}"
