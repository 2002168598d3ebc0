"""What `flow.py` measures: each figure sets up a database and returns the work to be timed."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.flow_samples import (
    MANIFEST,
    description_of,
    digest_of,
    messages_of,
    notification_of,
    pushes,
)
from flask.testing import FlaskClient

from portus_catalog import app as catalog, consumers
from portus_shared.bus import InProcessBus, Message
from portus_shared.contracts import codec, sync as contracts
from portus_shared.contracts.event import Event
from portus_shared.db import Database
from portus_shared.migrations import migrate
from portus_shared.outbox import Relay, publish
from portus_shared.testing.postgres import PostgreSQL
from portus_sync import app as sync
from portus_sync.config import read

SECRET = "notify-secret"
BATCH = 100
SENDERS = 8
Rates = tuple[float, ...]
"""Events per second, and microseconds of this process' processor per event."""

Work = Callable[[], object]


@dataclass(frozen=True)
class Figure:
    """One line of the table: `prepare` makes the work on `count` events."""

    name: str
    schema: str
    migrations: str
    count: int
    prepare: Callable[[Database, int], Work]
    budgets: dict[str, str] = field(default_factory=dict)


def measured(figure: Figure, kind: str, server: PostgreSQL | None) -> Rates:
    """Run one figure once on a fresh database."""
    with _database(figure, kind, server) as database:
        work = figure.prepare(database, figure.count)
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return (figure.count / wall, cpu / figure.count * 1e6)


@contextmanager
def _database(figure: Figure, kind: str, server: PostgreSQL | None) -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            with _migrated(figure, f"sqlite:///{Path(folder) / 'bench.sqlite'}") as database:
                yield database
            return
        assert server is not None
        with server.fresh_database() as url, _migrated(figure, url) as database:
            yield database


@contextmanager
def _migrated(figure: Figure, url: str) -> Iterator[Database]:
    with Database(url, schema=figure.schema) as database:
        migrate(database, figure.migrations)
        yield database


def _consume(messages: Sequence[Message], size: int) -> Callable[[Database], Work]:
    def prepare(database: Database) -> Work:
        deliver = consumers.consumer(database).deliver

        def work() -> None:
            for start in range(0, len(messages), size):
                deliver(messages[start : start + size])

        return work

    return prepare


def _push_batches(database: Database, count: int) -> Work:
    return _consume(messages_of(pushes(count)), BATCH)(database)


def _push_alone(database: Database, count: int) -> Work:
    return _consume(messages_of(pushes(count)), 1)(database)


def _describe(database: Database, count: int) -> Work:
    told = pushes(count)
    _consume(messages_of(told), BATCH)(database)()
    return _consume(messages_of([description_of(push) for push in told]), BATCH)(database)


def _mixed(database: Database, count: int) -> Work:
    """Pushes with the descriptions of those before between them, as they come in life."""
    told = pushes(count // 2)
    events: list[Event] = []
    for start in range(0, len(told), 5):
        events += told[start : start + 5]
        events += [description_of(push) for push in told[max(0, start - 5) : start]]
    events += [description_of(push) for push in told[-5:]]
    return _consume(messages_of(events), BATCH)(database)


def _observe(database: Database, count: int) -> Work:
    """Observe repositories with three tags each, all new."""
    events = [
        contracts.RepositoryObserved(
            scan_id="scan",
            registry="default",
            repository=f"team{number % 100}/app{number}",
            observed_at=1_800_000_000_000_000 + number,
            part=1,
            parts=1,
            tags=tuple(
                contracts.ObservedTag(
                    tag=f"v{n}", digest=digest_of(f"{number} {n}"), media_type=MANIFEST
                )
                for n in range(3)
            ),
        )
        for number in range(count)
    ]
    return _consume(messages_of(events), BATCH)(database)


def _client(database: Database) -> FlaskClient:
    settings = read(
        {
            "PORTUS_DATABASE_URL": "sqlite:///given",
            "PORTUS_BUS_URL": "inprocess:",
            "PORTUS_PUBLIC_URL": "http://portus.test",
            "PORTUS_AUTH_URL": "http://auth.test",
            "PORTUS_CA_CERT_FILE": "/nowhere",
            "PORTUS_SERVICE_SECRET": "secret",
            "PORTUS_WEBHOOK_SECRET": SECRET,
        }
    )
    return sync.build(settings, database=database).test_client()


def _post(client: FlaskClient, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {SECRET}"}
    answer = client.post("/v2/webhooks/events", data=body, headers=headers)
    assert answer.status_code == 202, answer.text


def _ingest(database: Database, count: int, size: int, senders: int) -> Work:
    events = [notification_of(push) for push in pushes(count)]
    bodies = [
        json.dumps({"events": events[start : start + size]}).encode()
        for start in range(0, len(events), size)
    ]
    clients = [_client(database)]
    clients += [clients[0].application.test_client() for _ in range(senders - 1)]

    def send(number: int) -> None:
        for body in bodies[number::senders]:
            _post(clients[number], body)

    def work() -> None:
        if senders == 1:
            send(0)
            return
        with ThreadPoolExecutor(senders) as threads:
            list(threads.map(send, range(senders)))

    return work


def _ingest_one_by_one(database: Database, count: int) -> Work:
    return _ingest(database, count, 1, 1)


def _ingest_many_senders(database: Database, count: int) -> Work:
    return _ingest(database, count, 1, SENDERS)


def _ingest_batches(database: Database, count: int) -> Work:
    return _ingest(database, count, BATCH, 1)


def _relay(database: Database, count: int) -> Work:
    """Drain a backlog to a bus that takes everything at once."""
    told = pushes(count)
    for start in range(0, count, BATCH):
        with database.write() as session:
            for push in told[start : start + BATCH]:
                publish(session, push)
    return Relay(database, InProcessBus()).drain


def _wire(_: Database, count: int) -> Work:
    """Encode and decode, without any database."""
    told = pushes(count)

    def work() -> None:
        for push in told:
            codec.decode(push.key, codec.encode(push))

    return work


SYNC, CATALOG = ("sync", sync.MIGRATIONS), ("catalog", catalog.MIGRATIONS)
FIGURES: Sequence[Figure] = (
    Figure("ingest", *SYNC, 1000, _ingest_one_by_one, {"sqlite": "≥ 1500", "postgresql": "≥ 800"}),
    Figure(
        "ingest-8-senders",
        *SYNC,
        1600,
        _ingest_many_senders,
        {"sqlite": "≥ 1500", "postgresql": "≥ 800"},
    ),
    Figure(
        "ingest-batches",
        *SYNC,
        3000,
        _ingest_batches,
        {"sqlite": "≥ 3000", "postgresql": "≥ 1600"},
    ),
    Figure("relay", *SYNC, 5000, _relay, {"sqlite": "≥ 5000", "postgresql": "≥ 5000"}),
    Figure("codec", *SYNC, 5000, _wire),
    Figure("pushes", *CATALOG, 2000, _push_batches, {"sqlite": "≥ 8000", "postgresql": "≥ 3000"}),
    Figure("pushes-alone", *CATALOG, 500, _push_alone),
    Figure("descriptions", *CATALOG, 1000, _describe),
    Figure("pushes-mixed", *CATALOG, 2000, _mixed),
    Figure("observations", *CATALOG, 1000, _observe),
)
