"""What the outbox keeps, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portus_shared import outbox
from portus_shared.bus import BusUnavailable, InProcessBus
from portus_shared.contracts.catalog import RepositoryChanged
from portus_shared.db import Database
from portus_shared.tables import shared_metadata


def event(repository: str) -> RepositoryChanged:
    return RepositoryChanged(
        registry="default", repository=repository, namespace="team", change="pushed"
    )


def waiting(source: Database) -> int:
    with source.read() as session:
        return outbox.pending(session)[0]


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'source.db'}", schema="source")
    shared_metadata.create_all(opened.engine)
    yield opened
    opened.close()


def test_an_event_of_a_rolled_back_transaction_does_not_exist(source: Database) -> None:
    def fail() -> None:
        with source.write() as session:
            outbox.publish(session, event("team/app"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert waiting(source) == 0


def test_events_wait_in_the_outbox_while_nobody_consumes(source: Database) -> None:
    bus = InProcessBus()
    bus.declare("catalog.events", [RepositoryChanged.key])
    with source.write() as session:
        outbox.publish(session, event("team/app"))
    with pytest.raises(BusUnavailable):
        outbox.Relay(source, bus).drain()
    with source.read() as session:
        count, oldest = outbox.pending(session)
    assert count == 1
    assert oldest is not None
