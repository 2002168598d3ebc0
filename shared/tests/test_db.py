from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, select
from sqlalchemy.exc import ProgrammingError, StatementError

from portus_shared import clock
from portus_shared.clock import Stamps, current_revision, next_revision
from portus_shared.db import Database, UtcDateTime, insert_ignore, is_unavailable, upsert

things = Table(
    "thing",
    MetaData(),
    Column("name", String(50), primary_key=True),
    Column("value", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at", UtcDateTime),
)


@pytest.fixture(autouse=True)
def table(database: Database) -> None:
    things.create(database.engine)


def value_of(database: Database, name: str) -> int | None:
    with database.read() as session:
        return session.scalar(select(things.c.value).where(things.c.name == name))


def test_a_transaction_that_raises_changes_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.execute(things.insert().values(name="a", value=1, revision=1))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert value_of(database, "a") is None


def test_a_read_changes_nothing(database: Database) -> None:
    with database.read() as session:
        session.execute(things.insert().values(name="a", value=1, revision=1))
    assert value_of(database, "a") is None


def test_inserting_what_is_there_is_counted_as_nothing(database: Database) -> None:
    row = {"name": "a", "value": 1, "revision": 1}
    with database.write() as session:
        assert insert_ignore(session, things, [row, {**row, "name": "b"}]) == 2
        assert insert_ignore(session, things, [row, {**row, "name": "c"}]) == 1
        assert insert_ignore(session, things, []) == 0


def test_an_upsert_replaces_only_what_is_older(database: Database) -> None:
    def put(value: int, revision: int) -> bool:
        row = {"name": "a", "value": value, "revision": revision}
        with database.write() as session:
            return upsert(session, things, row, key=["name"], newer="revision")

    assert put(1, 10)
    assert put(2, 11)
    assert not put(3, 11)
    assert not put(4, 9)
    assert value_of(database, "a") == 2


def test_moments_come_back_in_utc_and_naive_ones_are_refused(database: Database) -> None:
    moment = datetime(2026, 5, 4, 12, 30, 1, 250, tzinfo=timezone(timedelta(hours=2)))
    with database.write() as session:
        session.execute(things.insert().values(name="a", value=1, revision=1, at=moment))
    with database.read() as session:
        got = session.scalar(select(things.c.at))
    assert got == moment
    assert got is not None
    assert got.tzinfo == UTC
    naive = things.insert().values(name="b", value=1, revision=1, at=moment.replace(tzinfo=None))
    with pytest.raises(StatementError), database.write() as session:
        session.execute(naive)


def test_revisions_increase_in_the_order_of_commits(database: Database) -> None:
    taken: list[int] = []

    def take() -> None:
        for _ in range(20):
            with database.write() as session:
                revision = next_revision(session)
                taken.append(revision)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == sorted(set(taken))
    with database.read() as session:
        assert current_revision(session) == taken[-1]


def test_a_revision_never_goes_back_when_the_clock_does(database: Database) -> None:
    future = clock.now_us() + 10**12
    with database.write() as session:
        session.execute(clock.hybrid_clock.update().values(stamp=future))
    with database.write() as session:
        assert next_revision(session) == future + 1


def test_stamps_strictly_increase_across_threads() -> None:
    stamps = Stamps()
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda: seen.extend(stamps.next() for _ in range(500)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 2000
    assert Stamps(after=10**18).next() == 10**18 + 1


def test_a_wrong_statement_does_not_count_as_an_absent_database(database: Database) -> None:
    with pytest.raises(Exception, match="nowhere") as raised, database.read() as session:
        session.execute(Table("nowhere", MetaData(), Column("id", Integer)).select())
    assert not is_unavailable(raised.value)
    assert not is_unavailable(ProgrammingError("x", {}, Exception("y")))


def test_writers_wait_for_each_other_instead_of_failing(database: Database) -> None:
    with database.write() as session:
        session.execute(things.insert().values(name="counter", value=0, revision=0))

    def add() -> None:
        for _ in range(25):
            with database.write() as session:
                row = select(things.c.value).where(things.c.name == "counter").with_for_update()
                value = session.execute(row).scalar_one()
                session.execute(things.update().values(value=value + 1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value_of(database, "counter") == 100
