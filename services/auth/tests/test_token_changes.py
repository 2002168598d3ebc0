"""Changing a token that is in use: its name freely, its end with care, its scopes to less."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from services.auth.tests.machines import access
from services.auth.tests.people import People, Person, created
from services.auth.tests.trail import last
from sqlalchemy import update

from portus_auth.app import Auth
from portus_auth.storage.tables import ApplicationToken
from portus_shared.clock import now

USERS = "/api/v1/users"
ONE = "scope=repository:shop/app:pull,push"
Make = Callable[..., tuple[int, str]]


@pytest.fixture
def make(people: People) -> Make:
    """Make a token of alice's, and return its id and secret."""

    def made(application: str = "ci", **limits: Any) -> tuple[int, str]:
        path = f"{USERS}/{people['alice'].id}/application_tokens"
        given = created(people["alice"].post(path, json={"application": application, **limits}))
        return given["id"], given["plain_token"]

    return made


def path_of(token_id: int) -> str:
    return f"{USERS}/application_tokens/{token_id}"


def expire(auth: Auth, token_id: int) -> None:
    with auth.database.write() as session:
        row = update(ApplicationToken).where(ApplicationToken.id == token_id)
        session.execute(row.values(expires_at=now() - timedelta(seconds=1)))


def test_what_is_left_out_stays(auth: Auth, people: People, make: Make) -> None:
    token_id, secret = make(scopes=["shop/*:pull,push"], expires_at="2100-01-01T00:00:00Z")
    before = people["alice"].get(f"{USERS}/{people['alice'].id}/application_tokens").json[-1]
    answer = people["alice"].put(path_of(token_id), json={"application": " renamed "})
    assert (answer.status_code, answer.json) == (200, before | {"application": "renamed"})
    assert "plain_token" not in answer.text
    told = last(auth, "application_token.change")
    assert (told.actor, told.subject) == ("alice", "user alice")
    assert (told.before, told.after) == ({"application": "ci"}, {"application": "renamed"})
    assert people["alice"].put(path_of(token_id), json={}).json == answer.json
    assert Person(auth, 0, "alice", secret).get("/api/v1/namespaces").status_code == 200


def test_a_name_is_taken_by_a_token_that_can_be_used_and_by_no_other(
    auth: Auth, people: People, make: Make
) -> None:
    token_id, _ = make("ci")
    other, _ = make("cd")
    body = {"application": "cd"}
    taken = people["alice"].put(path_of(token_id), json=body)
    assert taken.json["message"] == {"application": ["has already been taken"]}
    expire(auth, other)
    assert people["alice"].put(path_of(token_id), json=body).json["application"] == "cd"
    assert people["alice"].put(path_of(token_id), json=body).status_code == 200
    assert people["alice"].put(path_of(other), json={}).status_code == 404
    blank = people["alice"].put(path_of(token_id), json={"application": " "})
    assert blank.json["message"] == {"application": ["can't be blank"]}


def test_scopes_only_become_narrower_and_the_realm_obeys_at_once(
    auth: Auth, people: People, make: Make
) -> None:
    people.team("ours", alice="owner")
    people.namespace("shop", "ours")
    token_id, secret = make()
    machine = Person(auth, 0, "alice", secret)
    assert access(auth, machine, ONE) == {"shop/app": {"pull", "push"}}
    for scopes, left in (
        (["*:pull,push"], {"shop/app": {"pull", "push"}}),
        (["shop/*:pull,push", "other/*:pull"], {"shop/app": {"pull", "push"}}),
        (["shop/app:pull"], {"shop/app": {"pull"}}),
    ):
        answer = people["alice"].put(path_of(token_id), json={"scopes": scopes})
        assert (answer.status_code, answer.json["scopes"]) == (200, scopes)
        assert access(auth, machine, ONE) == left
    for wider in (["shop/app:push"], ["shop/app/*:pull"], ["shop/*:pull"], ["*:pull"], None):
        refused = people["alice"].put(path_of(token_id), json={"scopes": wider})
        assert (refused.status_code, set(refused.json["message"])) == (422, {"scopes"})
    assert people["alice"].put(path_of(token_id), json={"scopes": []}).status_code == 422
    assert access(auth, machine, ONE) == {"shop/app": {"pull"}}


def test_an_end_moves_both_ways_but_not_into_the_past(
    auth: Auth, people: People, make: Make
) -> None:
    token_id, _ = make()
    for end in ("2100-01-01T00:00:00+00:00", "2090-01-01T00:00:00+00:00", None):
        answer = people["alice"].put(path_of(token_id), json={"expires_at": end})
        assert (answer.status_code, answer.json["expires_at"]) == (200, end)
    past = people["alice"].put(path_of(token_id), json={"expires_at": "2020-01-01T00:00:00Z"})
    assert past.json["message"] == {"expires_at": ["must be in the future"]}
    expire(auth, token_id)
    for body in ({"application": "back"}, {"expires_at": "2100-01-01T00:00:00Z"}):
        over = people["alice"].put(path_of(token_id), json=body)
        assert (over.status_code, over.json["type"].rpartition(":")[2]) == (409, "expired")


def test_a_token_that_ends_makes_none_last_longer_itself_neither(
    auth: Auth, people: People, make: Make
) -> None:
    soon, later = ((now() + timedelta(days=days)).isoformat() for days in (1, 2))
    own, secret = make("a day", expires_at=soon)
    other, _ = make("for ever")
    alice = Person(auth, people["alice"].id, "alice", secret)
    for token_id in (own, other):
        for end in (later, None):
            refused = alice.put(path_of(token_id), json={"expires_at": end})
            said = ["cannot be later than the end of the token you use"]
            assert refused.json["message"] == {"expires_at": said}
        assert alice.put(path_of(token_id), json={"expires_at": soon}).status_code == 200
    assert people["alice"].put(path_of(own), json={"expires_at": later}).status_code == 200


def test_a_robot_s_token_is_changed_by_who_manages_the_robot(auth: Auth, people: People) -> None:
    people.team("ours", alice="owner", bob="contributor")
    people.namespace("shop", "ours")
    robot, other = people.machine("shop"), people.machine("shop", name="cd")
    (token,) = people["alice"].get(f"{robot.path}/application_tokens").json
    path, body = f"application_tokens/{token['id']}", {"scopes": ["shop/*:pull"]}
    assert people["bob"].patch(f"{robot.path}/{path}", json=body).status_code == 404
    assert people["alice"].patch(f"{other.path}/{path}", json=body).status_code == 404
    assert people["alice"].put(path_of(token["id"]), json=body).status_code == 404
    changed = people["alice"].patch(f"{robot.path}/{path}", json=body)
    assert (changed.status_code, changed.json["scopes"]) == (200, ["shop/*:pull"])
    assert access(auth, robot, ONE) == {"shop/app": {"pull"}}
    assert last(auth, "application_token.change").subject == "robot robot/shop/ci"
