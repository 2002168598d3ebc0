"""A component never outlives the process that started it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, is_listening, wait_until

_STARTER = """
import sys, signal
from pathlib import Path
from portus_shared.testing.processes import Process
log, port = Path(sys.argv[1]), sys.argv[2]
Process([sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"], log=log)
signal.pause()
"""


def test_a_killed_starter_takes_its_component_along(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", _STARTER, str(tmp_path / "log"), str(port)]
    with subprocess.Popen(command) as starter:
        wait_until(lambda: is_listening(port))
        starter.send_signal(signal.SIGKILL)
        starter.wait(10)
    wait_until(lambda: not is_listening(port), 5)


def test_what_a_program_prints_and_returns_is_kept(tmp_path: Path) -> None:
    script = "print('hello'); raise SystemExit(3)"
    process = Process([sys.executable, "-c", script], log=tmp_path / "log")
    wait_until(lambda: not process.is_running)
    assert (process.exit_code, process.output()) == (3, "hello\n")


def test_a_program_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    script = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('deaf', flush=True); signal.pause()"
    )
    process = Process([sys.executable, "-c", script], log=tmp_path / "log")
    wait_until(lambda: "deaf" in process.output())
    assert process.stop(timeout_s=0.1) == -signal.SIGKILL


def test_waiting_in_vain_says_what_was_waited_for() -> None:
    with pytest.raises(AssertionError, match=r"not true after 0\.05 s: the moon is cheese"):
        wait_until(lambda: False, 0.05, what="the moon is cheese")


def test_a_free_port_is_none_that_an_outgoing_connection_could_be_given() -> None:
    given_out = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    assert free_port() < int(given_out[0])
