from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from services.sync.tests.sync_samples import envelope, event
from sqlalchemy import func, select, update

from portus_shared.bus.message import message_of
from portus_shared.clock import now
from portus_shared.contracts.auth import RegistryChanged
from portus_shared.db import Database
from portus_sync.consumers import consumer
from portus_sync.loops.housekeeping import Housekeeping
from portus_sync.storage import scans
from portus_sync.storage.tables import Notification, Quarantined

Headers = dict[str, str]


def test_admin_asks_for_a_scan_and_sees_it(
    client: FlaskClient, database: Database, bearer: Callable[..., Headers]
) -> None:
    registry = RegistryChanged(
        registry="main",
        url="http://registry.test",
        external_host="registry.test",
        ca=None,
        enabled=True,
        revision=1,
    )
    consumer(database).deliver([message_of(registry, source="auth")])
    with database.write() as session:
        first = scans.waiting(session, "main")
        assert first is not None
        first.state = "done"
    asked = client.post("/api/v1/scans", headers=bearer(admin=True))
    assert asked.status_code == 202
    assert asked.json is not None
    [scan] = asked.json
    assert (scan["registry"], scan["state"], scan["asked_by"]) == ("main", "waiting", "root")
    with database.write() as session:
        scans.add_failure(session, scan["id"], "team/app", "the registry answered 500")
    listed = client.get("/api/v1/scans", headers=bearer(admin=True)).json
    assert listed is not None
    assert {entry["state"] for entry in listed} == {"done", "waiting"}
    by_id = {entry["id"]: entry for entry in listed}
    assert by_id[scan["id"]]["failures"] == [
        {"repository": "team/app", "reason": "the registry answered 500"}
    ]


def test_quarantine_is_paged_newest_first(
    client: FlaskClient, notify: Callable[..., int], bearer: Callable[..., Headers]
) -> None:
    for number in range(5):
        notify(f"garbage {number}".encode())
    seen = []
    address = "/api/v1/quarantine?limit=2"
    following: str | None = ""
    while following is not None:
        page = client.get(f"{address}&after={following}", headers=bearer(admin=True)).json
        assert page is not None
        seen += [item["raw"] for item in page["items"]]
        following = page["next"]
    assert seen == [f"garbage {number}" for number in reversed(range(5))]


@pytest.mark.parametrize("after", ["!", "e30", "WyJhIl0", "W251bGxd", "WzFlMzBd"])
def test_foreign_cursor_is_malformed(
    after: str, client: FlaskClient, bearer: Callable[..., Headers]
) -> None:
    answer = client.get(f"/api/v1/quarantine?after={after}", headers=bearer(admin=True))
    assert answer.status_code == 400


def test_old_notifications_and_scans_are_forgotten(
    notify: Callable[..., int], database: Database
) -> None:
    notify(envelope(event()))
    notify(b"garbage")
    with database.write() as session:
        long_ago = now() - timedelta(days=9)
        session.execute(update(Notification).values(received_at=long_ago))
    Housekeeping(database, scan_interval_s=0, retention_days=7).forget_old()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Notification)) == 0
        assert session.scalar(select(func.count()).select_from(Quarantined)) == 1


def test_every_admin_route_is_in_the_openapi_document(client: FlaskClient) -> None:
    document: Any = client.get("/openapi.json").json
    rules = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in client.application.url_map.iter_rules()
    }
    assert set(document["paths"]) == {rule for rule in rules if rule.startswith("/api/")}
