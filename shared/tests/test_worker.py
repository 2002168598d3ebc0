from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

from portus_shared.bell import LocalBell, SocketBell
from portus_shared.testing.waiting import wait_until
from portus_shared.worker import Loop, Supervisor


def test_a_loop_that_fails_is_started_again_and_its_neighbour_runs_on() -> None:
    runs: list[str] = []

    def failing(stop: threading.Event) -> None:
        runs.append("failing")
        if len(runs) < 3:
            raise ValueError
        stop.wait()

    neighbour = threading.Event()

    def steady(stop: threading.Event) -> None:
        neighbour.set()
        stop.wait()

    supervisor = Supervisor([Loop(name="failing", run=failing), Loop(name="steady", run=steady)])
    supervisor.start()
    wait_until(lambda: len(runs) == 3)
    assert neighbour.is_set()
    assert supervisor.failures() == {"failing": 2, "steady": 0}
    assert supervisor.stop(5)


def test_stopping_says_when_a_loop_does_not_end() -> None:
    release = threading.Event()
    supervisor = Supervisor([Loop(name="stubborn", run=lambda _stop: (release.wait(), None)[1])])
    supervisor.start()
    assert not supervisor.stop(0.05)
    release.set()
    assert supervisor.stop(5)


_PROGRAM = """
import sys
from pathlib import Path
from portus_shared.worker import Loop, Supervisor
def run(stop):
    Path(sys.argv[1]).write_text("started")
    stop.wait()
    Path(sys.argv[1]).write_text("drained")
Supervisor([Loop(name="work", run=run)]).run_until_signalled()
"""


def test_sigterm_drains_the_loops_and_exits_cleanly(tmp_path: Path) -> None:
    state = tmp_path / "state"
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM, str(state)])
    try:
        wait_until(lambda: state.exists() and state.read_text() == "started")
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(10) == 0
        assert state.read_text() == "drained"
    finally:
        process.kill()


def test_a_bell_wakes_who_waits_and_is_taken_once() -> None:
    bell = LocalBell()
    bell.ring()
    assert bell.wait(5)
    assert not bell.wait(0.01)


def test_a_bell_wakes_another_process_through_its_socket(tmp_path: Path) -> None:
    with (
        closing(SocketBell(tmp_path, "auth")) as waiting,
        closing(SocketBell(tmp_path, "auth")) as ringing,
    ):
        assert not waiting.wait(0)
        ringing.ring()
        ringing.ring()
        assert waiting.wait(5)
        assert not waiting.wait(0.01)


def test_ringing_when_nobody_listens_harms_nothing(tmp_path: Path) -> None:
    with closing(SocketBell(tmp_path / "absent", "auth")) as bell:
        bell.ring()
