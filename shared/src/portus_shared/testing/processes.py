"""Child processes that never outlive the tests.

On Linux a child is started through `setpriv --pdeathsig`, so the kernel ends it when the thread
that started it dies, also by SIGKILL. That is the thread, not the process: start components from
a thread that lives as long as they are wanted (fixtures run in the main thread).
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from portus_shared.testing.missing import find_program


class Process:
    """One running program whose output goes to the file `log`."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        death_signal: str = "KILL",
    ) -> None:
        self.log = log
        self.command = [str(part) for part in command]
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                _tied_to_us(self.command, user, death_signal),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                cwd=cwd,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id; the program replaces the starter, so it is the program's own."""
        return self._child.pid

    @property
    def is_running(self) -> bool:
        """Tell whether the program has not ended yet."""
        return self._child.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit status once ended (negative: the signal), else None."""
        return self._child.poll()

    def output(self) -> str:
        """Return everything the program has printed."""
        return self.log.read_text(errors="replace")

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program alone."""
        self._child.send_signal(number)

    def stop(self, timeout_s: float = 10.0, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask the program to end and return its exit status; after `timeout_s` kill it."""
        self.send(by)
        try:
            return self._child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """Kill the program and its process group at once, as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return self._child.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def __repr__(self) -> str:
        return f"Process({' '.join(self.command)!r}, pid={self.pid})"


def _tied_to_us(command: list[str], user: str | None, death_signal: str) -> list[str]:
    if sys.platform != "linux":
        return command
    setpriv = find_program(["setpriv"], component="setpriv", install="util-linux")
    identity = ["--reuid", user, "--regid", user, "--clear-groups"] if user else []
    program = shutil.which(command[0]) or command[0]
    return [str(setpriv), "--pdeathsig", death_signal, *identity, program, *command[1:]]
