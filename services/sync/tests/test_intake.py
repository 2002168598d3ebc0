"""Requests that come at once share a transaction, and each is answered for itself."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from services.sync.tests.sync_samples import envelope, event
from sqlalchemy import select

from portus_shared import logs
from portus_shared.clock import Stamps, now
from portus_shared.contracts.sync import ManifestPushed
from portus_shared.db import Database
from portus_shared.migrations import migrate
from portus_shared.outbox import outbox
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, is_listening, wait_until
from portus_sync.app import MIGRATIONS
from portus_sync.config import SCHEMA
from portus_sync.domain.notifications import Outcome, PushSeen, Unreadable, read_envelope
from portus_sync.routes.intake import Intake
from portus_sync.storage import notifications
from portus_sync.storage.tables import Notification, Quarantined
from portus_sync.usecases.receive import Reception

SENDERS = 6


def reception() -> Reception:
    return Reception(stamps=Stamps(), default_registry="default")


def outcomes(*events: Any) -> Sequence[Outcome]:
    return read_envelope(json.dumps(envelope(*events)).encode(), own_actor="_sync")


def received(database: Database) -> dict[str, datetime]:
    with database.read() as session:
        rows = session.execute(select(Notification.event_id, Notification.received_at))
        return dict(rows.all())


@pytest.fixture
def intake(database: Database) -> Intake:
    return Intake(database, reception())


@pytest.fixture
def held_up(database: Database, intake: Intake) -> Iterator[Callable[..., list[Future[None]]]]:
    """Let all requests come while a first one waits for the database, then let it go on."""
    with ThreadPoolExecutor(SENDERS + 1) as threads, ExitStack() as held:
        first = event(id="first")
        session = held.enter_context(database.write())
        notifications.add(session, [row_of(first)])
        waiting = [threads.submit(intake.store, outcomes(first))]
        wait_until(lambda: intake._is_writing and not intake._waiting)

        def send(*requests: Callable[[], None]) -> list[Future[None]]:
            sent = [threads.submit(request) for request in requests]
            wait_until(lambda: len(intake._waiting) == len(requests))
            held.close()
            return waiting + sent

        yield send


def row_of(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "registry": "default",
        "event_id": told["id"],
        "outcome": "push",
        "actor": "",
        "instance_id": "",
        "received_at": now(),
    }


def test_requests_that_wait_meanwhile_share_the_next_transaction(
    intake: Intake, held_up: Callable[..., list[Future[None]]], database: Database
) -> None:
    told = [event(id=f"e{number}", target={"tag": f"t{number}"}) for number in range(SENDERS)]

    def request(one: dict[str, Any]) -> Callable[[], None]:
        def store() -> None:
            with logs.context(request_id=f"request of {one['target']['tag']}"):
                intake.store(outcomes(one))

        return store

    for answered in held_up(*(request(one) for one in told)):
        answered.result(10)
    moments = received(database)
    assert moments.keys() == {"first", *(one["id"] for one in told)}
    assert len({moment for event_id, moment in moments.items() if event_id != "first"}) == 1
    with database.read() as session:
        rows = session.execute(select(outbox.c.body, outbox.c.correlation_id)).all()
    assert len(rows) == SENDERS
    for body, request_id in rows:
        assert f'"tag":"{request_id.removeprefix("request of ")}"' in body.replace(" ", "")


def test_a_request_that_cannot_be_stored_fails_alone(
    intake: Intake, held_up: Callable[..., list[Future[None]]], database: Database
) -> None:
    [good] = outcomes(event(id="good"))
    [bad] = outcomes(event(id="bad"))
    assert isinstance(bad, PushSeen)
    naive = replace(bad.origin, occurred_at=datetime(2026, 1, 1))  # noqa: DTZ001 (is refused)
    unread = Unreadable(reason="not JSON", raw="garbage")
    first, stored, failed = held_up(
        lambda: intake.store([unread, good, unread]),
        lambda: intake.store([unread, replace(bad, origin=naive)]),
    )
    assert first.result(10) is stored.result(10) is None
    assert "naive" in str(failed.exception(10))
    assert received(database).keys() == {"first", "good"}
    with database.read() as session:
        assert session.scalars(select(Quarantined.times)).one() == 2


def test_processes_that_are_told_the_same_in_any_order_neither_lose_nor_repeat(
    database: Database, published: Callable[..., list[object]]
) -> None:
    told = [event(id=f"e{n}", target={"tag": f"t{n}"}) for n in range(40)]
    parts = [told[at : at + 10] for at in range(0, 40, 10)]
    orders = [parts, parts[::-1], [part[::-1] for part in parts], [told, told[::-1]]]

    def process(order: list[list[dict[str, Any]]]) -> None:
        intake = Intake(database, reception())
        for part in order:
            intake.store(outcomes(*part))

    with ThreadPoolExecutor(len(orders)) as threads:
        list(threads.map(process, orders))
    assert len(received(database)) == 40
    assert len(published(ManifestPushed)) == 40


@pytest.fixture
def web(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """The program, and where it takes notifications."""
    port = free_port()
    environment = {
        **os.environ,
        "PORTUS_DATABASE_URL": sqlite_url,
        "PORTUS_BUS_URL": "inprocess:",
        "PORTUS_PUBLIC_URL": "http://portus.test",
        "PORTUS_AUTH_URL": "http://127.0.0.1:1",
        "PORTUS_CA_CERT_FILE": str(tmp_path / "ca.pem"),
        "PORTUS_WEBHOOK_SECRET": "notify-secret",
        "PORTUS_LISTEN": f"127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "portus_sync", "web"]
    with Process(command, log=tmp_path / "web.log", env=environment) as process:
        wait_until(lambda: is_listening(port), 20)
        yield process, f"http://127.0.0.1:{port}/v2/webhooks/events"


def send_until_it_dies(url: str, sender: int, acknowledged: list[str]) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer notify-secret"
        for number in range(10_000):
            told = event(id=f"{sender}-{number}")
            try:
                answer = session.post(url, json=envelope(told))
            except requests.RequestException:
                return
            assert answer.status_code == 202
            acknowledged.append(told["id"])


def test_what_was_acknowledged_is_there_after_the_process_was_killed(
    sqlite_url: str, web: tuple[Process, str]
) -> None:
    process, url = web
    acknowledged: list[str] = []
    with Database(sqlite_url, schema=SCHEMA) as database:
        migrate(database, MIGRATIONS)
        with ThreadPoolExecutor(SENDERS) as threads:
            senders = [
                threads.submit(send_until_it_dies, url, number, acknowledged)
                for number in range(SENDERS)
            ]
            wait_until(lambda: len(acknowledged) > 200, 20)
            process.kill()
            for sender in senders:
                sender.result(20)
        assert set(acknowledged) <= received(database).keys()
