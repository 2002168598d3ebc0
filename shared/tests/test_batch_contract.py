"""What a consumer of batches may rely on, whichever bus hands them over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import pytest
from shared.tests.conftest import ready_database
from sqlalchemy import Column, Integer, MetaData, Row, String, Table, select
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from portus_shared.bus import Bus, BusUnavailable, Message, message_of, parked as failed
from portus_shared.bus.inbox import BatchHandler, Consumer, Handler
from portus_shared.contracts.catalog import ReplicaStarted, RepositoryChanged
from portus_shared.contracts.event import Event
from portus_shared.db import Database
from portus_shared.testing.waiting import wait_until
from portus_shared.worker import Supervisor

Run = Callable[..., Supervisor]
Publish = Callable[[Sequence[Message]], None]

effects = Table(
    "effect",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("call", Integer, nullable=False),
    Column("repository", String(255), nullable=False),
    Column("tag", String(255), nullable=False),
)


def changed(repository: str, tag: int | str) -> Message:
    event = RepositoryChanged(
        registry="default", repository=repository, namespace="n", change="pushed", tag=str(tag)
    )
    return message_of(event, source="catalog")


def started() -> Message:
    return message_of(ReplicaStarted(replica_id="r1"), source="catalog")


class Applying:
    """Write down what was handed over together; fail for the tags that are `bad`."""

    def __init__(self) -> None:
        self.calls = 0
        self.bad: set[str] = set()
        self.faults: list[Exception] = []

    def many(self, session: Session, told: Sequence[tuple[RepositoryChanged, Message]]) -> None:
        self._write(session, [(event.repository, event.tag or "") for event, _ in told])

    def one(self, session: Session, event: ReplicaStarted, _: Message) -> None:
        self._write(session, [(event.replica_id, "started")])

    def _write(self, session: Session, facts: Sequence[tuple[str, str]]) -> None:
        self.calls += 1
        for repository, tag in facts:
            row = {"call": self.calls, "repository": repository, "tag": tag}
            session.execute(effects.insert().values(row))
        if self.faults:
            raise self.faults.pop()
        if any(tag in self.bad for _, tag in facts):
            raise ValueError(facts)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Database]:
    with ready_database(sqlite_url) as database:
        effects.create(database.engine)
        yield database


@pytest.fixture
def applying() -> Applying:
    return Applying()


@pytest.fixture
def consumer(store: Database, applying: Applying) -> Consumer:
    handlers: Mapping[type[Event], Handler] = {ReplicaStarted: applying.one}
    batches: Mapping[type[Event], BatchHandler] = {RepositoryChanged: applying.many}
    return Consumer("catalog", store, handlers, batches)


@pytest.fixture
def publish(bus: Bus, run: Run, consumer: Consumer) -> Publish:
    """Publish as the relay does, to a consumer that runs."""
    bus.declare(consumer.queue, consumer.keys)
    run(consumer=partial(bus.consume, consumer.queue, consumer.deliver))

    def taken(messages: Sequence[Message]) -> bool:
        try:
            bus.publish(messages)
        except BusUnavailable:
            return False
        return True

    def publish(messages: Sequence[Message]) -> None:
        wait_until(lambda: taken(messages))

    return publish


def applied(store: Database) -> Sequence[Row[Any]]:
    with store.read() as session:
        rows = session.execute(select(effects).order_by(effects.c.id))
        return [row for row in rows if row.repository != "last"]


def parked(store: Database) -> list[int]:
    with store.read() as session:
        return list(session.scalars(select(failed.parked.c.attempts)))


def settled(store: Database, publish: Publish) -> None:
    """Wait until everything published before was settled: a queue keeps its order."""
    publish([changed("last", "last")])
    wanted = select(effects.c.id).where(effects.c.repository == "last")

    def is_there() -> bool:
        with store.read() as session:
            return session.scalar(wanted) is not None

    wait_until(is_there)


def test_neighbours_of_a_kind_are_handed_over_together_and_in_their_order(
    store: Database, publish: Publish
) -> None:
    first = [changed("team/app", number) for number in range(60)]
    second = [changed("team/app", number) for number in range(60, 120)]
    publish([*first, started(), *second])
    settled(store, publish)
    rows = applied(store)
    assert [row.tag for row in rows] == [
        *(str(number) for number in range(60)),
        "started",
        *(str(number) for number in range(60, 120)),
    ]
    together = [list(run) for _, run in groupby(rows, lambda row: row.call)]
    assert max(len(run) for run in together) > 1
    assert all(len(run) == 1 for run in together if any(row.tag == "started" for row in run))


def test_one_bad_event_takes_no_other_with_it_and_each_repository_keeps_its_order(
    store: Database, applying: Applying, publish: Publish
) -> None:
    applying.bad = {"7", "23"}
    publish([changed(f"team/app{number % 3}", number) for number in range(60)])
    settled(store, publish)
    for app in range(3):
        tags = [int(row.tag) for row in applied(store) if row.repository == f"team/app{app}"]
        assert tags == [number for number in range(app, 60, 3) if number not in {7, 23}]
    assert parked(store) == [1, 1]


def test_what_is_delivered_again_is_applied_once(store: Database, publish: Publish) -> None:
    sent = [changed("team/app", number) for number in range(30)]
    publish([*sent, *sent[:10]])
    publish(sent[::-1])
    settled(store, publish)
    assert [int(row.tag) for row in applied(store)] == list(range(30))


def test_a_batch_during_which_the_database_went_away_comes_again_whole(
    store: Database, applying: Applying, publish: Publish
) -> None:
    applying.faults = [PoolTimeout("no connection"), PoolTimeout("no connection")]
    publish([changed("team/app", number) for number in range(30)])
    settled(store, publish)
    assert [int(row.tag) for row in applied(store)] == list(range(30))
    assert parked(store) == []


def test_each_event_that_failed_has_its_own_attempts_and_end(
    store: Database,
    applying: Applying,
    consumer: Consumer,
    publish: Publish,
) -> None:
    applying.bad = {"cured", "lost"}
    publish([changed("team/app", tag) for tag in ("1", "cured", "2", "lost", "3")])
    settled(store, publish)
    for attempt in range(2, 6):
        if attempt == 3:
            applying.bad.remove("cured")
        with store.write() as session:
            session.execute(
                failed.parked.update()
                .where(failed.parked.c.next_attempt_at.is_not(None))
                .values(next_attempt_at=failed.parked.c.failed_at)
            )
        consumer.retry_due()
    assert [row.tag for row in applied(store)] == ["1", "2", "3", "cured"]
    with store.read() as session:
        (dead,) = failed.dead(session)
    assert (dead.attempts, b"lost" in dead.message.body) == (5, True)
