"""Who sees which deletions, page by page, and who may retry one."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portus_shared.clock import now
from portus_shared.db import Database
from portus_sync.storage import abilities, deletions as storage
from portus_sync.storage.deletions import Wanted
from portus_sync.usecases.deletions import Kept, settle

Bearer = Callable[..., dict[str, str]]
DIGEST = "sha256:" + "a" * 64


@pytest.fixture
def five(database: Database) -> list[str]:
    """Five deletions, of which the first has failed; those with odd numbers are olga's."""
    with database.write() as session:
        for number in range(5):
            wanted = Wanted(registry="main", repository=f"team/{number}", digest=DIGEST, tag=None)
            person = "olga" if number % 2 else "carl"
            storage.ask(session, f"id-{number}", wanted, requested_by=person, at=now())
        first = storage.by_id(session, "id-0")
        assert first is not None
        settle(session, first, Kept(reason="it stays"), at=now())
    return [f"id-{number}" for number in range(5)]


def listed(client: FlaskClient, headers: dict[str, str], query: str = "") -> list[str]:
    seen: list[str] = []
    following: str | None = ""
    while following is not None:
        address = f"/api/v1/deletions?limit=2&after={following}&{query}"
        answer = client.get(address, headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json
        assert page is not None
        seen += [item["id"] for item in page["items"]]
        following = page["next"]
    return seen


def test_admins_see_all_and_people_their_own(
    client: FlaskClient, bearer: Bearer, five: list[str]
) -> None:
    assert listed(client, bearer(admin=True)) == five[::-1]
    assert listed(client, bearer(admin=False, name="olga")) == ["id-3", "id-1"]
    assert listed(client, bearer(admin=False, name="sam")) == []
    assert client.get("/api/v1/deletions").status_code == 401
    nameless = bearer(admin=False, name="")
    assert client.get("/api/v1/deletions", headers=nameless).status_code == 403


def test_everybody_signed_in_learns_what_can_be_deleted(
    client: FlaskClient, database: Database, bearer: Bearer
) -> None:
    olga = bearer(admin=False, name="olga")
    assert client.get("/api/v1/deletions/abilities", headers=olga).json == []
    for deletes_tags in (True, False):
        with database.write() as session:
            abilities.remember(session, "main", deletes_tags=deletes_tags, at=now())
        [found] = client.get("/api/v1/deletions/abilities", headers=olga).json or []
        assert (found["registry"], found["deletes_tags"]) == ("main", deletes_tags)


def test_those_in_one_state_can_be_asked_for(
    client: FlaskClient, bearer: Bearer, five: list[str]
) -> None:
    assert listed(client, bearer(admin=True), "status=failed") == five[:1]
    assert listed(client, bearer(admin=True), "status=waiting") == five[:0:-1]
    odd = client.get("/api/v1/deletions?status=lost", headers=bearer(admin=True))
    assert odd.status_code == 400
    assert odd.json is not None
    assert odd.json["field"] == "status"


def test_admins_retry_what_has_failed(client: FlaskClient, bearer: Bearer, five: list[str]) -> None:
    def retry(request_id: str, *, admin: bool = True) -> int:
        headers = bearer(admin=admin, name="carl")
        return client.post(f"/api/v1/deletions/{request_id}/retry", headers=headers).status_code

    assert retry(five[0], admin=False) == 403
    assert retry(five[0]) == 202
    assert listed(client, bearer(admin=True), "status=failed") == []
    assert retry(five[0]) == 409
    assert retry("nothing") == retry("%00") == retry("x" * 500) == 404
    assert client.post(f"/api/v1/deletions/{five[1]}/retry").status_code == 401
