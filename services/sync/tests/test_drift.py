"""The drift report: what a scan found otherwise, the likely cause, and what was done about it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from portus_shared.bus.message import message_of
from portus_shared.clock import now
from portus_shared.contracts.auth import RegistryChanged
from portus_shared.contracts.catalog import Reconciled, TagDifference
from portus_shared.db import Database
from portus_sync.consumers import consumer
from portus_sync.storage import removals, scans
from portus_sync.usecases.removals import QUIET, judge

Bearer = Callable[..., dict[str, str]]
OLD, NEW = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


@pytest.fixture
def scan_of(database: Database) -> Callable[[str], str]:
    """Make a scan with a cause."""
    registry = RegistryChanged(
        registry="main",
        url="http://registry.test",
        external_host="registry.test",
        ca=None,
        enabled=True,
        revision=1,
    )
    consumer(database).deliver([message_of(registry, source="auth")])

    def make(cause: str) -> str:
        with database.write() as session:
            scan = scans.add(session, registry="main", cause=cause, asked_by="x", at=now())
            return scan.id

    return make


def reconcile(database: Database, scan_id: str, *, gone: int = 1) -> None:
    answer = Reconciled(
        scan_id=scan_id,
        registry="main",
        repository="team/app",
        added=(TagDifference(tag="new", found_digest=NEW),),
        moved=(TagDifference(tag="latest", known_digest=OLD, found_digest=NEW),),
        gone=tuple(TagDifference(tag=f"gone{n}", known_digest=OLD) for n in range(gone)),
    )
    consumer(database).deliver([message_of(answer, source="catalog")] * 2)


def listed(client: FlaskClient, bearer: Bearer, query: str = "") -> list[Any]:
    seen: list[Any] = []
    following: str | None = ""
    while following is not None:
        address = f"/api/v1/drift?limit=2&after={following}&{query}"
        page = client.get(address, headers=bearer(admin=True)).json
        assert page is not None
        seen += page["items"]
        following = page["next"]
    return seen


def held_in(client: FlaskClient, bearer: Bearer) -> list[int]:
    scans = client.get("/api/v1/scans", headers=bearer(admin=True)).json or []
    return [scan["held"] for scan in scans if scan["cause"] == "timer"]


def test_differences_are_listed_with_cause_and_what_was_done(
    database: Database, client: FlaskClient, bearer: Bearer, scan_of: Callable[[str], str]
) -> None:
    scan_id = scan_of("instance")
    reconcile(database, scan_id)
    found = {item["tag"]: item for item in listed(client, bearer)}
    assert {tag: item["kind"] for tag, item in found.items()} == {
        "new": "missing",
        "latest": "moved",
        "gone0": "gone",
    }
    assert (found["latest"]["known_digest"], found["latest"]["found_digest"]) == (OLD, NEW)
    assert all("restarted" in item["cause"] for item in found.values())
    assert "taken it over" in found["new"]["done"]
    assert "being looked for" in found["gone0"]["done"]
    assert [item["tag"] for item in listed(client, bearer, "kind=moved")] == ["latest"]
    assert len(listed(client, bearer, f"scan={scan_id}")) == 3
    assert listed(client, bearer, "scan=other") == []
    for odd in ("kind=odd", "scan=%00", "after=nonsense"):
        answer = client.get(f"/api/v1/drift?{odd}", headers=bearer(admin=True))
        assert answer.status_code == 400


@pytest.mark.parametrize("cause", ["registry", "replica"])
def test_what_nobody_knew_yet_is_no_difference(
    database: Database,
    client: FlaskClient,
    bearer: Bearer,
    scan_of: Callable[[str], str],
    cause: str,
) -> None:
    reconcile(database, scan_of(cause))
    assert listed(client, bearer) == []


def test_an_admin_approves_what_was_held_back(
    database: Database, client: FlaskClient, bearer: Bearer, scan_of: Callable[[str], str]
) -> None:
    scan_id = scan_of("timer")
    reconcile(database, scan_id, gone=30)
    with database.write() as session:
        judge(session, at=now() + 2 * QUIET)
    held = [item for item in listed(client, bearer) if "an admin decides" in item["done"]]
    assert {item["held_by"] for item in held} == {scan_id}
    assert len(held) == 30
    assert held_in(client, bearer) == [30]
    path = f"/api/v1/scans/{scan_id}/approve"
    assert client.post(path, headers=bearer(admin=False)).status_code == 403
    assert client.post(path, headers=bearer(admin=True)).json == {"approved": 30}
    assert client.post("/api/v1/scans/none/approve", headers=bearer(admin=True)).status_code == 404
    assert held_in(client, bearer) == [0]
    assert {item["held_by"] for item in listed(client, bearer)} == {None}
    with database.read() as session:
        assert removals.held(session, limit=100) == []
