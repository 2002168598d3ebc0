from pathlib import Path

import pytest

from portus_standalone.addresses import Address
from portus_standalone.bus_change import last_options, told_again
from portus_standalone.distributed.ports import SERVERS, keep_ports
from portus_standalone.options import Options
from portus_standalone.state import State

TOGETHER = {"distributed": False, "bus": None}
PRIVATE = {"distributed": True, "bus": None}
NAMED = {"distributed": True, "bus": "amqp://mq.example.com"}
NAMED_TOGETHER = {"distributed": False, "bus": "amqp://mq.example.com"}


def options(data: Path, form: dict[str, object]) -> Options:
    return Options(
        data=data,
        listen=Address.parse("127.0.0.1:8080"),
        registry_listen=Address.parse("127.0.0.1:5080"),
        **form,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        (None, PRIVATE, False),
        (TOGETHER, PRIVATE, False),
        (PRIVATE, PRIVATE, False),
        (NAMED, NAMED_TOGETHER, False),
        (PRIVATE, TOGETHER, True),
        (PRIVATE, NAMED, True),
        (NAMED, PRIVATE, True),
        (NAMED_TOGETHER, TOGETHER, True),
    ],
)
def test_the_whole_state_is_told_again_only_when_a_broker_is_left(
    tmp_path: Path,
    before: dict[str, object] | None,
    after: dict[str, object],
    is_told: bool,
) -> None:
    state = State(tmp_path)
    ports = [*SERVERS, "rabbitmq"]
    keep_ports(state.ports, ports, taken=(), say=print)
    if before is not None:
        state.options.write_text(options(tmp_path, before).to_json())
        assert last_options(state) == options(tmp_path, before)
    stages = told_again(options(tmp_path, after), state)
    commands = [child.argv[1] for stage in stages for child in stage]
    assert commands == (["migrate", "republish"] if is_told else [])
