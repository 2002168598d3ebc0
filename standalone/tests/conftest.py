import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import wait_until

PROGRAM = Path(__file__).with_name("supervised_program.py")
WELL_BEHAVED = """
    echo start {name} $$ >> {events}
    trap 'echo stop {name} >> {events}; exit 0' TERM
    touch {ready}
    while :; do sleep 0.05; done
"""


@dataclass
class Stage:
    """Children that say in the file `events` what happens to them, and their supervisor."""

    directory: Path
    running: ExitStack
    children: list[dict[str, Any]] = field(default_factory=list)

    @property
    def events(self) -> Path:
        return self.directory / "events"

    def add(
        self,
        name: str,
        script: str = WELL_BEHAVED,
        grace_s: float = 3.0,
        start_timeout_s: float = 20.0,
        stage: int | None = None,
        is_errand: bool = False,
    ) -> None:
        """Add a child, in a stage of its own unless one is named."""
        ready = self.directory / f"{name}.ready"
        self.children.append(
            {
                "name": name,
                "stage": len(self.children) if stage is None else stage,
                "is_errand": is_errand,
                "script": script.format(name=name, events=self.events, ready=ready),
                "ready_file": str(ready),
                "grace_s": grace_s,
                "start_timeout_s": start_timeout_s,
            }
        )

    def start(self, *, wait: bool = True) -> Process:
        log_dir = self.directory / "log"
        description = json.dumps({"children": self.children, "log_dir": str(log_dir)})
        command = [sys.executable, str(PROGRAM), description]
        process = Process(command, log=self.directory / "console")
        self.running.callback(process.kill)
        if wait:
            wait_until(lambda: "all ready" in process.output(), 20, what=process.output())
        return process

    def happened(self) -> list[str]:
        lines = self.events.read_text().splitlines() if self.events.exists() else []
        return [" ".join(line.split()[:2]) for line in lines]

    def pids(self, name: str) -> list[int]:
        """Return the process ids `name` has had, in order."""
        words = [line.split() for line in self.events.read_text().splitlines()]
        return [int(line[2]) for line in words if line[:2] == ["start", name]]


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that is dead but not yet reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as running:
        yield Stage(tmp_path, running)


@pytest.fixture
def gone() -> Callable[[int], None]:
    """Wait until a process is gone."""

    def wait(pid: int) -> None:
        wait_until(lambda: not is_alive(pid), 5, what=f"process {pid} is gone")

    return wait


@pytest.fixture
def kill() -> Callable[[int], None]:
    return lambda pid: os.kill(pid, signal.SIGKILL)


@pytest.fixture
def portus() -> list[str]:
    """The command behind `./portus`."""
    return [sys.executable, "-m", "portus_standalone"]
