"""The worker is killed in the middle of batches, under load: nothing is lost, nothing twice."""

import os
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import described, pushed
from services.catalog.tests.test_batches import rows_of
from sqlalchemy import func, select

from portus_catalog.app import MIGRATIONS
from portus_catalog.config import SCHEMA
from portus_catalog.consumers import consumer
from portus_shared.bus import BusUnavailable, Message, RabbitBus, message_of
from portus_shared.bus.inbox import inbox
from portus_shared.contracts.event import Event
from portus_shared.db import Database
from portus_shared.migrations import migrate
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import wait_until

STEP = 300
WRITTEN_IN_A_BATCH = ("inbox", "tag_history", "activities")
"""First, in the middle and last: where a batch is held when its worker is killed."""


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    with Database(postgresql_url, schema=SCHEMA) as database:
        migrate(database, MIGRATIONS)
        yield database


@pytest.fixture
def undisturbed(sqlite_url: str, tmp_path: Path) -> Iterator[Catalogue]:
    with Database(sqlite_url, schema=SCHEMA) as database:
        migrate(database, MIGRATIONS)
        yield Catalogue(database, tmp_path)


@pytest.fixture
def worker(postgresql_url: str, rabbitmq_url: str, tmp_path: Path) -> Callable[[], Process]:
    """Start the program, as often as wanted."""
    environment = {
        **os.environ,
        "PORTUS_DATABASE_URL": postgresql_url,
        "PORTUS_BUS_URL": rabbitmq_url,
        "PORTUS_PUBLIC_URL": "http://portus.test",
        "PORTUS_AUTH_URL": "http://127.0.0.1:1",
        "PORTUS_CA_CERT_FILE": str(tmp_path / "ca.pem"),
        "PORTUS_SERVICE_SECRET": "the secret of catalog",
    }
    command = [sys.executable, "-m", "portus_catalog", "worker"]
    return lambda: Process(command, log=tmp_path / "worker.log", env=environment)


def facts() -> Sequence[Event]:
    """Return pushes and descriptions about a few repositories, whose tags move."""
    chance = random.Random(1)
    told: list[Event] = []
    for number in range(STEP * (len(WRITTEN_IN_A_BATCH) + 2) // 2):
        repository = f"web/app{chance.randint(0, 4)}"
        told.append(pushed(f"{repository}:{chance.randint(0, 40)}", f"image {number}", number))
        told.append(described(repository, f"image {number}"))
    return told


def send(url: str, messages: Sequence[Message]) -> None:
    """Publish as a relay does, a few at a time."""
    bus = RabbitBus(url)
    bus.declare("catalog.events", sorted({message.key for message in messages}))

    def taken(some: Sequence[Message]) -> bool:
        try:
            bus.publish(some)
        except BusUnavailable:
            return False
        return True

    for start in range(0, len(messages), 50):
        some = messages[start : start + 50]
        wait_until(lambda some=some: taken(some))  # type: ignore[misc]
    bus.close()


@contextmanager
def batch_held_at(table: str, url: str) -> Iterator[None]:
    """Let nobody write to a table, once a transaction that already writes waits for it."""
    waiting = "SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as looking:
        holder.execute(f"LOCK TABLE catalog.{table} IN EXCLUSIVE MODE")

        def somebody_waits() -> bool:
            row = looking.execute(waiting, [f"catalog.{table}"]).fetchone()
            return row is not None and row[0] > 0

        wait_until(somebody_waits, 20, what=f"a batch waits for {table}")
        yield


def handled(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(inbox)) or 0


def test_a_worker_killed_in_the_middle_of_batches_loses_nothing_and_repeats_nothing(
    database: Database,
    undisturbed: Catalogue,
    worker: Callable[[], Process],
    postgresql_url: str,
    rabbitmq_url: str,
    tmp_path: Path,
) -> None:
    messages = [message_of(fact, source="sync") for fact in facts()]
    with ThreadPoolExecutor(1) as sending:
        sent = sending.submit(send, rabbitmq_url, messages)
        for number, table in enumerate(WRITTEN_IN_A_BATCH):
            with worker() as running:
                wait_until(lambda least=number * STEP: handled(database) > least, 30)  # type: ignore[misc]
                with batch_held_at(table, postgresql_url):
                    running.kill()
        sent.result(30)
    assert handled(database) < len(messages)
    with worker() as last:
        wait_until(lambda: handled(database) == len(messages), 30)
        assert last.stop(20) == 0
    for start in range(0, len(messages), 100):
        consumer(undisturbed.database).deliver(messages[start : start + 100])
    assert rows_of(Catalogue(database, tmp_path)) == rows_of(undisturbed)
