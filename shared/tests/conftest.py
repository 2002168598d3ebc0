from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from portus_shared import clock
from portus_shared.bus import Bus, InProcessBus, RabbitBus
from portus_shared.db import Database
from portus_shared.tables import shared_metadata
from portus_shared.worker import Loop, Supervisor

Run = Callable[..., Supervisor]


@pytest.fixture(params=["in-process", "rabbitmq"])
def bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    """Be each of the two buses in turn."""
    opened: Bus = (
        InProcessBus()
        if request.param == "in-process"
        else RabbitBus(request.getfixturevalue("rabbitmq_url"))
    )
    yield opened
    opened.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Be an empty database with the tables every service has."""
    opened = ready_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def run() -> Iterator[Run]:
    """Run loops until the test ends: `run(name=callable, …)`."""
    started: list[Supervisor] = []

    def start(**loops: Callable[..., None]) -> Supervisor:
        supervisor = Supervisor([Loop(name=name, run=loop) for name, loop in loops.items()])
        supervisor.start()
        started.append(supervisor)
        return supervisor

    yield start
    for supervisor in started:
        assert supervisor.stop(10)


def ready_database(url: str, schema: str = "public") -> Database:
    opened = Database(url, schema=schema)
    shared_metadata.create_all(opened.engine)
    with opened.write() as session:
        session.execute(clock.hybrid_clock.insert().values(id=1, stamp=0))
    return opened
