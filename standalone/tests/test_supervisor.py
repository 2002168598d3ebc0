"""The supervisor with real children; see `supervised_program.py`."""

import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from portus_shared.testing.waiting import wait_until

DEAF = """
    echo start {name} $$ >> {events}
    trap '' TERM
    touch {ready}
    while :; do sleep 0.05; done
"""
HOPELESS = "echo start {name} $$ >> {events}; echo it is hopeless; exit 7"
NEVER_READY = "echo start {name} $$ >> {events}; exec sleep 60"
SLOW_TO_BE_READY = """
    echo start {name} $$ >> {events}
    sleep 0.3
    echo ready {name} >> {events}
    touch {ready}
    exec sleep 60
"""
LEAVES_A_STRAGGLER = """
    sleep 60 &
    echo start straggler $! >> {events}
    echo start {name} $$ >> {events}
    touch {ready}
    wait
"""
NOISY = """
    echo 'time="x" level=info msg="all is well"'
    echo 'time="x" level=error msg="disk is full"'
    echo '{{"level": "ERROR", "message": "database is away"}}'
    echo start {name} $$ >> {events}
    touch {ready}
    exec sleep 60
"""


def test_children_start_in_order_each_when_the_one_before_is_ready(stage: Any) -> None:
    stage.add("first", SLOW_TO_BE_READY)
    stage.add("second")
    stage.start()
    assert stage.happened() == ["start first", "ready first", "start second"]


def test_children_of_one_stage_start_and_stop_together(stage: Any) -> None:
    stage.add("first", SLOW_TO_BE_READY, stage=0)
    stage.add("second", SLOW_TO_BE_READY, stage=0)
    stage.add("last", stage=1)
    process = stage.start()
    assert stage.happened()[:2] == ["start first", "start second"]
    assert stage.happened()[-1] == "start last"
    assert process.stop(5) == 0


def test_the_grace_time_is_that_of_a_stage_and_not_the_sum_of_its_children_s(stage: Any) -> None:
    for name in ("one", "two", "three"):
        stage.add(name, DEAF, grace_s=0.7, stage=0)
    process = stage.start()
    started = time.monotonic()
    assert process.stop(5) == 0
    assert time.monotonic() - started < 3 * 0.7


def test_an_errand_is_done_before_what_follows_starts_and_is_not_repeated(stage: Any) -> None:
    stage.add("errand", "sleep 0.3; echo done {name} >> {events}", is_errand=True)
    stage.add("last")
    process = stage.start()
    assert stage.happened() == ["done errand", "start last"]
    assert "stopped unexpectedly" not in process.output()


def test_an_errand_that_fails_again_and_again_ends_the_run(stage: Any) -> None:
    stage.add("errand", HOPELESS, is_errand=True)
    process = stage.start(wait=False)
    wait_until(lambda: process.exit_code is not None, 20)
    assert "start failed: errand stops again and again" in process.output()
    assert stage.happened() == ["start errand"] * 3


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_the_children_in_the_opposite_order(stage: Any, by: signal.Signals) -> None:
    for name in ("first", "second", "third"):
        stage.add(name)
    process = stage.start()
    assert process.stop(5, by=by) == 0
    assert stage.happened()[3:] == ["stop third", "stop second", "stop first"]
    assert process.output().endswith("all stopped\n")


def test_a_killed_child_is_started_again_and_the_others_are_left_alone(
    stage: Any, kill: Callable[[int], None]
) -> None:
    stage.add("first")
    stage.add("second")
    process = stage.start()
    kill(stage.pids("first")[0])
    wait_until(lambda: len(stage.pids("first")) == 2, 10)
    assert len(stage.pids("second")) == 1
    assert "first stopped unexpectedly (signal SIGKILL)" in process.output()


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(
    stage: Any, kill: Callable[[int], None]
) -> None:
    stage.add("only")
    process = stage.start()
    for death in range(1, 4):
        kill(stage.pids("only")[-1])
        wait_until(lambda death=death: len(stage.pids("only")) == death + 1, 20)  # type: ignore[misc]
    pauses = [
        float(line.split()[-2])
        for line in process.output().splitlines()
        if "starting it again" in line
    ]
    ceilings_s = [0.5, 1.0, 2.0]
    assert len(pauses) == len(ceilings_s)
    for pause_s, ceiling_s in zip(pauses, ceilings_s, strict=True):
        assert ceiling_s / 2 - 0.1 <= pause_s <= ceiling_s


def test_a_child_deaf_to_its_signal_is_killed_after_its_grace_time(
    stage: Any, gone: Callable[[int], None]
) -> None:
    stage.add("deaf", DEAF, grace_s=0.5)
    process = stage.start()
    assert process.stop(5) == 0
    gone(stage.pids("deaf")[0])


def test_a_second_signal_does_not_wait_for_the_grace_time(
    stage: Any, gone: Callable[[int], None]
) -> None:
    stage.add("deaf", DEAF, grace_s=60)
    process = stage.start()
    process.send(signal.SIGINT)
    process.send(signal.SIGTERM)
    assert wait_until(lambda: process.exit_code is not None, 5)
    gone(stage.pids("deaf")[0])


def test_sigkill_of_the_runner_takes_the_children_along(
    stage: Any, gone: Callable[[int], None]
) -> None:
    stage.add("well-behaved")
    stage.add("deaf", DEAF)
    process = stage.start()
    process.send(signal.SIGKILL)
    gone(stage.pids("well-behaved")[0])
    gone(stage.pids("deaf")[0])


def test_what_a_dead_leader_leaves_behind_is_killed(
    stage: Any, kill: Callable[[int], None], gone: Callable[[int], None]
) -> None:
    stage.add("leader", LEAVES_A_STRAGGLER)
    stage.start()
    kill(stage.pids("leader")[0])
    gone(stage.pids("straggler")[0])


def test_a_child_that_dies_at_every_start_ends_the_run_with_its_last_words(stage: Any) -> None:
    stage.add("good")
    stage.add("bad", HOPELESS)
    process = stage.start(wait=False)
    wait_until(lambda: process.exit_code is not None, 20)
    assert process.exit_code == 1
    assert "start failed: bad stops again and again" in process.output()
    assert "it is hopeless" in process.output()
    assert stage.happened()[-1] == "stop good"


def test_a_child_that_never_becomes_ready_ends_the_run(
    stage: Any, gone: Callable[[int], None]
) -> None:
    stage.add("shy", NEVER_READY, start_timeout_s=0.5)
    process = stage.start(wait=False)
    wait_until(lambda: process.exit_code is not None, 10)
    assert "shy does not become ready" in process.output()
    gone(stage.pids("shy")[0])


def test_a_signal_while_starting_stops_everything(stage: Any, gone: Callable[[int], None]) -> None:
    stage.add("good")
    stage.add("shy", NEVER_READY, grace_s=1)
    process = stage.start(wait=False)
    wait_until(lambda: "start shy" in stage.happened(), 10)
    started = time.monotonic()
    assert process.stop(5) == 0
    assert time.monotonic() - started < 3
    assert "all ready" not in process.output()
    gone(stage.pids("shy")[0])


def test_output_goes_to_a_file_and_errors_to_the_console_too(stage: Any) -> None:
    stage.add("noisy", NOISY)
    process = stage.start()
    log = stage.directory / "log" / "noisy.log"
    assert len(wait_until(lambda: log.read_text().splitlines(), 5)) == 3
    assert 'noisy | time="x" level=error msg="disk is full"' in process.output()
    assert "database is away" in process.output()
    assert "all is well" not in process.output()
