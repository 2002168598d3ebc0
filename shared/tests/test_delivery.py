"""From a business transaction's outbox row to a handler's effect, once, whatever fails between."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, func, select, update
from sqlalchemy.orm import Session

from portus_shared import outbox
from portus_shared.bus import (
    Bus,
    ConsumerPaused,
    Message,
    message_of,
    parked as failed,
)
from portus_shared.bus.inbox import Consumer, inbox
from portus_shared.clock import now
from portus_shared.contracts.catalog import RepositoryChanged
from portus_shared.db import Database
from portus_shared.tables import shared_metadata
from portus_shared.testing.waiting import wait_until
from portus_shared.worker import Supervisor

Run = Callable[..., Supervisor]

effects = Table(
    "effect",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("repository", String(255), nullable=False),
)


def event(repository: str) -> RepositoryChanged:
    return RepositoryChanged(
        registry="default", repository=repository, namespace="team", change="pushed"
    )


def message(repository: str) -> Message:
    return message_of(event(repository), source="catalog")


def record(session: Session, event: RepositoryChanged, _: Message) -> None:
    session.execute(effects.insert().values(repository=event.repository))
    if event.repository.startswith("poison"):
        raise ValueError(event.repository)


def applied(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(effects.c.repository).order_by(effects.c.id)))


def parked(database: Database) -> list[tuple[int, bool]]:
    with database.read() as session:
        rows = session.execute(select(failed.parked).order_by(failed.parked.c.failed_at)).all()
        return [(row.attempts, row.next_attempt_at is None) for row in rows]


def waiting(source: Database) -> int:
    with source.read() as session:
        return outbox.pending(session)[0]


def make_due(database: Database) -> None:
    table = failed.parked
    with database.write() as session:
        past = now() - timedelta(seconds=1)
        waiting = update(table).where(table.c.next_attempt_at.is_not(None))
        session.execute(waiting.values(next_attempt_at=past))


@pytest.fixture(autouse=True)
def table(database: Database) -> None:
    effects.create(database.engine)


@pytest.fixture
def consumer(database: Database) -> Consumer:
    return Consumer("catalog", database, {RepositoryChanged: record})


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'source.db'}", schema="source")
    shared_metadata.create_all(opened.engine)
    yield opened
    opened.close()


def test_an_event_of_a_committed_transaction_arrives(
    bus: Bus, source: Database, database: Database, consumer: Consumer, run: Run
) -> None:
    bus.declare(consumer.queue, consumer.keys)
    run(
        relay=outbox.Relay(source, bus).run,
        consumer=partial(bus.consume, consumer.queue, consumer.deliver),
    )
    with source.write() as session:
        outbox.publish(session, event("team/app"))
    wait_until(lambda: applied(database) == ["team/app"])
    wait_until(lambda: waiting(source) == 0)


def test_a_redelivered_message_is_applied_once(database: Database, consumer: Consumer) -> None:
    sent = message("team/app")
    consumer.deliver([sent, sent])
    consumer.deliver([sent])
    assert applied(database) == ["team/app"]


def test_a_poisonous_message_does_not_hold_back_its_batch(
    database: Database, consumer: Consumer
) -> None:
    consumer.deliver([message("team/a"), message("poison"), message("team/b")])
    assert applied(database) == ["team/a", "team/b"]
    assert parked(database) == [(1, False)]


def test_a_failing_message_is_dead_after_five_attempts(
    database: Database, consumer: Consumer
) -> None:
    consumer.deliver([message("poison")])
    for _ in range(10):
        make_due(database)
        consumer.retry_due()
    assert parked(database) == [(5, True)]
    assert applied(database) == []


def test_a_message_is_not_tried_before_it_is_due(database: Database, consumer: Consumer) -> None:
    consumer.deliver([message("poison")])
    assert consumer.retry_due() == 0
    assert parked(database) == [(1, False)]


def test_a_message_whose_cause_went_away_is_applied_on_retry(database: Database) -> None:
    faults = iter([True])

    def sometimes(session: Session, event: RepositoryChanged, message: Message) -> None:
        if next(faults, False):
            raise ValueError
        record(session, event, message)

    consumer = Consumer("catalog", database, {RepositoryChanged: sometimes})
    consumer.deliver([message("team/app")])
    make_due(database)
    assert consumer.retry_due() == 1
    assert applied(database) == ["team/app"]
    assert parked(database) == []


def test_an_undecodable_message_is_dead_at_once_and_readable(
    database: Database, consumer: Consumer, caplog: pytest.LogCaptureFixture
) -> None:
    broken = replace(message("team/app"), body=b'{"registry": 1, "nul": "\x00"}')
    consumer.deliver([broken, message("team/b")])
    assert applied(database) == ["team/b"]
    with database.read() as session:
        (dead,) = failed.dead(session)
    assert "not a catalog.repository.changed.v1" in dead.reason
    assert b"nul" in dead.message.body
    assert "a message could not be read" in caplog.messages


def test_an_unknown_event_is_dead_and_not_lost(database: Database, consumer: Consumer) -> None:
    consumer.deliver([replace(message("team/app"), key="catalog.moon.landed.v1")])
    assert parked(database) == [(1, True)]


def test_unknown_fields_are_ignored(database: Database, consumer: Consumer) -> None:
    sent = message("team/app")
    body = {**json.loads(sent.body), "added_next_year": True}
    consumer.deliver([replace(sent, body=json.dumps(body).encode())])
    assert applied(database) == ["team/app"]


def test_a_dead_message_can_be_replayed(database: Database) -> None:
    cured = False

    def handler(session: Session, event: RepositoryChanged, message: Message) -> None:
        if not cured:
            raise ValueError
        record(session, event, message)

    consumer = Consumer("catalog", database, {RepositoryChanged: handler})
    sent = message("team/app")
    consumer.deliver([sent])
    for _ in range(5):
        make_due(database)
        consumer.retry_due()
    cured = True
    with database.write() as session:
        assert failed.replay(session, sent.id)
    assert consumer.retry_due() == 1
    assert applied(database) == ["team/app"]
    assert parked(database) == []


def test_a_dead_message_can_be_dropped_and_a_waiting_one_cannot(
    database: Database, consumer: Consumer
) -> None:
    waiting = message("poison")
    dead = replace(message("team/app"), body=b"no json")
    consumer.deliver([waiting, dead])
    with database.write() as session:
        assert failed.drop(session, dead.id)
        assert not failed.drop(session, waiting.id)
    assert parked(database) == [(1, False)]


def test_a_consumer_whose_database_is_away_pauses_and_parks_nothing(tmp_path: Path) -> None:
    away = Database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}", schema="x")
    consumer = Consumer("catalog", away, {RepositoryChanged: record})
    with pytest.raises(ConsumerPaused):
        consumer.deliver([message("team/app")])


def test_old_inbox_rows_are_forgotten(database: Database, consumer: Consumer) -> None:
    consumer.deliver([message("team/app")])
    with database.write() as session:
        session.execute(update(inbox).values(received_at=now() - timedelta(days=15)))
    consumer.forget_old()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(inbox)) == 0
