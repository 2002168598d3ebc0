"""The program as an operator runs it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from portus_shared.bus.message import message_of
from portus_shared.clock import now
from portus_shared.contracts.auth import RegistryChanged
from portus_shared.db import Database
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import wait_until
from portus_sync.config import SCHEMA
from portus_sync.consumers import consumer
from portus_sync.domain.notifications import Unreadable
from portus_sync.storage import removals, scans
from portus_sync.storage.notifications import quarantine
from portus_sync.storage.tables import Removal, Scan

Run = Callable[..., subprocess.CompletedProcess[str]]
REGISTRY = RegistryChanged(
    registry="main",
    url="http://127.0.0.1:1",
    external_host="registry.test",
    ca=None,
    enabled=True,
    revision=1,
)


@pytest.fixture
def environment(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return inherited | {
        "PORTUS_DATABASE_URL": sqlite_url,
        "PORTUS_BUS_URL": "inprocess:",
        "PORTUS_PUBLIC_URL": "http://portus.test",
        "PORTUS_AUTH_URL": "http://127.0.0.1:1",
        "PORTUS_CA_CERT_FILE": str(tmp_path / "ca.pem"),
        "PORTUS_WEBHOOK_SECRET": "notify-secret",
        "LOGNAME": "operator",
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    def run_command(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "portus_sync", *arguments]
        given = environment | changes
        return subprocess.run(
            command, env=given, capture_output=True, text=True, timeout=60, check=False
        )

    return run_command


@pytest.fixture
def store(run: Run, sqlite_url: str) -> Database:
    assert run("migrate", "--wait").returncode == 0
    return Database(sqlite_url, schema=SCHEMA)


def test_all_faults_of_the_settings_are_said_at_once(run: Run) -> None:
    done = run("check-config", PORTUS_WEBHOOK_SECRET="", PORTUS_SCAN_THREADS="many")
    assert done.returncode == 2
    assert "PORTUS_WEBHOOK_SECRET is required" in done.stderr
    assert "PORTUS_SCAN_THREADS must be a whole number" in done.stderr


def test_scan_is_asked_for_and_listed(run: Run, store: Database) -> None:
    unknown = run("scan")
    assert (unknown.returncode, "no registry is known" in unknown.stderr) == (1, True)
    consumer(store).deliver([message_of(REGISTRY, source="auth")])
    done = run("scan")
    assert done.returncode == 0
    assert "main  waiting" in done.stdout


def test_quarantine_is_listed(run: Run, store: Database) -> None:
    with store.write() as session:
        quarantine(session, [Unreadable(reason="not JSON", raw="gar\nbage")], at=now())
    assert "1 times  not JSON  gar bage" in run("quarantine", "list").stdout


def test_held_removals_are_listed_and_approved(run: Run, store: Database) -> None:
    with store.write() as session:
        scan = scans.add(session, registry="main", cause="start", asked_by="sync", at=now())
        removals.ask(
            session,
            registry="main",
            repository="team/app",
            tags=[("v1", None)],
            scan_id=scan.id,
            at=now(),
        )
        removals.decide(session, scan.id, "held")
    assert "main  team/app:v1" in run("removals", "list").stdout
    assert run("removals", "approve", "--scan", "another").stdout == "0 approved\n"
    assert run("removals", "approve").stdout == "1 approved\n"
    with store.read() as session:
        assert session.scalars(select(Removal.state)).one() == "approved"


def test_worker_asks_for_a_scan_at_its_start_and_ends_when_told(
    store: Database, environment: dict[str, str], tmp_path: Path
) -> None:
    consumer(store).deliver([message_of(REGISTRY, source="auth")])
    with store.write() as session:
        session.scalars(select(Scan)).one().state = "done"
    command = [sys.executable, "-m", "portus_sync", "worker"]
    process = Process(command, log=tmp_path / "worker.log", env=environment)

    def causes() -> list[str]:
        with store.read() as session:
            return list(session.scalars(select(Scan.cause).where(Scan.cause == "start")))

    wait_until(causes, 20)
    assert process.stop(15) == 0, process.output()
