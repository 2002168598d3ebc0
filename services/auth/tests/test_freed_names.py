"""Names that are free again rest for others while tokens of their former holders may be alive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from services.auth.tests.emptying import emptied, rested
from services.auth.tests.people import PASSWORD, People, created
from services.auth.tests.trail import last, told

from portus_auth.app import Auth
from portus_shared.contracts.auth import NamespaceChanged, NamespaceDeleted

NAMESPACES, USERS = "/api/v1/namespaces", "/api/v1/users"
THEIRS = {"name": "shop", "team": "theirs"}


@pytest.fixture
def freed(auth: Auth, people: People) -> int:
    """The namespace shop of alice's team, deleted and empty; bob has a team too."""
    people.team("ours", alice="owner")
    people.team("theirs", bob="owner")
    namespace = people.namespace("shop", "ours")
    people.machine(None, "shop/app:pull,push", "other/*:pull", name="everywhere")
    people["alice"].delete(f"{NAMESPACES}/{namespace}")
    emptied(auth, told(auth, NamespaceDeleted)[0])
    return namespace


def test_a_freed_name_is_nobody_else_s_while_a_token_to_push_there_may_live(
    auth: Auth, people: People, freed: int
) -> None:
    (row,) = people.root.get(f"{NAMESPACES}?held=true").json
    until = datetime.fromisoformat(row["name_rests_until"])
    rests = until - datetime.now(UTC)
    assert timedelta(minutes=60) < rests < timedelta(minutes=62)
    said = f"is free from {until:%Y-%m-%dT%H:%M:%SZ} on: till then tokens for the former one live"
    for caller, body in (
        (people["bob"], THEIRS),
        (people.root, THEIRS),
        (people.root, THEIRS | {"adopt": True}),
    ):
        refused = caller.post(NAMESPACES, json=body)
        assert refused.status_code == 422
        assert refused.json["message"] == {"name": [said]}
    asked = people["bob"].get(f"{NAMESPACES}/validate?name=shop").json
    assert asked == {"valid": False, "messages": {"name": [said]}}

    rested(auth)
    assert people["bob"].get(f"{NAMESPACES}/validate?name=shop").json["valid"] is True
    assert created(people["bob"].post(NAMESPACES, json=THEIRS))["id"] != freed


def test_the_same_team_takes_a_freed_name_back_at_once(people: People, freed: int) -> None:
    assert people["alice"].get(f"{NAMESPACES}/validate?name=shop").json["valid"] is True
    ours = created(people["alice"].post(NAMESPACES, json=THEIRS | {"team": "ours"}))
    assert ours["id"] != freed
    (robot,) = people.root.get("/api/v1/robots").json
    assert robot["permissions"] == ["shop/app:pull,push", "other/*:pull"]


def test_who_gets_a_freed_name_is_not_reached_by_robots_that_knew_the_former(
    auth: Auth, people: People, freed: int
) -> None:
    rested(auth)
    created(people["bob"].post(NAMESPACES, json=THEIRS))
    (robot,) = people.root.get("/api/v1/robots").json
    assert robot["permissions"] == ["other/*:pull"]
    event = told(auth, NamespaceChanged)[-1]
    assert event.namespace_id != freed
    assert all(grant.subject_kind != "robot" for grant in event.grants)
    assert last(auth, "robot.change").after == {"permissions": ["other/*:pull"]}


def test_a_new_account_passes_by_a_personal_name_that_rests(auth: Auth, people: People) -> None:
    people.root.delete(f"{USERS}/{people['carl'].id}")
    emptied(auth, told(auth, NamespaceDeleted)[0])
    people.root.delete(f"{USERS}/{people['carl'].id}/name")

    def personal(email: str) -> str:
        user = {"username": "carl", "email": email, "password": PASSWORD}
        new = created(people.root.post(USERS, json={"user": user}))
        name = people.root.get(f"{NAMESPACES}/{new['namespace_id']}").json["name"]
        people.root.delete(f"{USERS}/{new['id']}")
        people.root.delete(f"{USERS}/{new['id']}/name")
        return str(name)

    assert personal("carl@example.org") == "carl0"
    rested(auth)
    assert personal("carl@example.com") == "carl"
