"""Accounts and their application tokens over HTTP, in the original's shapes."""

from __future__ import annotations

import pytest
from services.auth.tests.people import PASSWORD, Caller, People, basic, created

from portus_auth.app import Auth
from portus_auth.usecases.tokens import MAX_TOKENS

USERS = "/api/v1/users"


def test_a_user_is_answered_as_the_original_did(people: People) -> None:
    body = {"user": {"username": "alice", "email": "a@example.org", "password": PASSWORD}}
    user = created(people.root.post(USERS, json=body))
    assert set(user) == {
        "id",
        "username",
        "email",
        "current_sign_in_at",
        "last_sign_in_at",
        "created_at",
        "updated_at",
        "admin",
        "enabled",
        "locked_at",
        "namespace_id",
        "display_name",
        "bot",
    }
    assert people.root.get(f"{USERS}/{user['id']}").json == user
    assert people.root.get(f"{USERS}/a@example.org").json == user
    personal = people.root.get(f"/api/v1/namespaces/{user['namespace_id']}").json
    assert personal["name"] == "alice"
    assert personal["visibility"] == "private"
    assert personal["personal"] is True
    assert personal["team"]["hidden"] is True


def test_all_that_is_missing_of_a_new_user_is_named_at_once(people: People) -> None:
    for body, fields in (
        ({}, {"username", "email", "password"}),
        ({"bot": True}, {"username", "email"}),
        ({"username": "x y", "email": "x"}, {"username", "email", "password"}),
        ({"username": "alice", "password": PASSWORD}, {"email"}),
    ):
        refused = people.root.post(USERS, json={"user": body})
        assert (refused.status_code, set(refused.json["message"])) == (422, fields)


def test_lists_are_bare_arrays_with_paging_headers(people: People) -> None:
    for name in ("alice", "bob", "carl"):
        people[name]
    page = people.root.get(f"{USERS}?page=2&per_page=2&sort_attr=username")
    assert [user["username"] for user in page.json] == ["carl", "root"]
    assert page.headers["X-Total"] == "4"
    assert page.headers["X-Total-Pages"] == "2"
    assert page.headers["X-Prev-Page"] == "1"
    assert len(people.root.get(f"{USERS}?all=true").json) == 4
    descending = people.root.get(f"{USERS}?sort_attr=username&sort_order=desc").json
    assert [user["username"] for user in descending][:2] == ["root", "carl"]


@pytest.mark.parametrize("login", ["%00", "a%00b", "nobody", "%ED%A0%80", "9" * 30])
def test_a_login_that_nobody_can_have_is_not_found(people: People, login: str) -> None:
    assert people.root.get(f"{USERS}/{login}").status_code == 404


@pytest.mark.parametrize("query", ["page=x", "per_page=0", "sort_attr=password_hash", "name=%00"])
def test_a_query_that_makes_no_sense_is_a_400(people: People, query: str) -> None:
    assert people.root.get(f"/api/v1/namespaces?{query}").status_code == 400


def test_a_name_in_use_is_refused_whatever_its_case(people: People) -> None:
    people["alice"]
    body = {"user": {"username": "ALICE", "email": "Alice@Example.org", "password": PASSWORD}}
    answer = people.root.post(USERS, json=body)
    assert answer.status_code == 422
    taken = ["has already been taken"]
    assert answer.json["message"] == {"username": taken, "email": taken}


def test_a_username_cannot_be_changed(people: People) -> None:
    alice = people["alice"]
    answer = people.root.put(f"{USERS}/{alice.id}", json={"user": {"username": "alicia"}})
    assert answer.status_code == 422
    assert "username" in answer.json["message"]


def test_a_changed_password_ends_the_old_one_and_its_sign_ins(auth: Auth, people: People) -> None:
    alice = people["alice"]
    ui = Caller(auth, {"Authorization": "Bearer the secret of ui", "Portus-Service": "ui"})
    body = {"login": "alice", "password": PASSWORD}
    handle = ui.post("/internal/v1/sign-ins", json=body).json["handle"]
    change = {"user": {"password": "a brand new password"}}
    assert people.root.put(f"{USERS}/{alice.id}", json=change).status_code == 200
    assert Caller(auth, basic("alice", PASSWORD)).get("/api/v1/teams").status_code == 401
    new = Caller(auth, basic("alice", "a brand new password"))
    assert new.get("/api/v1/teams").status_code == 200
    assert ui.post("/internal/v1/principal", json={"sign_in": handle}).status_code == 401
    assert alice.get("/api/v1/teams").status_code == 200


def test_the_last_admin_cannot_be_disabled_or_demoted_but_one_of_two_can(people: People) -> None:
    for change in ({"enabled": False}, {"admin": False}):
        answer = people.root.put(f"{USERS}/1", json={"user": change})
        assert answer.status_code == 409
    alice = people["alice"]
    promoted = people.root.put(f"{USERS}/{alice.id}", json={"user": {"admin": True}})
    assert promoted.json["admin"] is True
    assert people.root.put(f"{USERS}/1", json={"user": {"admin": False}}).status_code == 200
    assert people.root.get(USERS).status_code == 403
    assert alice.get(USERS).status_code == 200


def test_a_token_is_shown_once_and_only_its_beginning_is_kept(people: People) -> None:
    path = f"{USERS}/{people['alice'].id}/application_tokens"
    made = created(people["alice"].post(path, data={"application": "laptop"}))
    assert set(made) == {"id", "application", "plain_token"}
    listed = people["alice"].get(path).json
    assert made["plain_token"] not in str(listed)
    assert listed[-1]["prefix"] == made["plain_token"][:8]
    again = people["alice"].post(path, json={"application": "laptop"})
    assert again.status_code == 422
    assert people["alice"].post(path, json={}).status_code == 422


def test_a_user_cannot_have_tokens_without_end(people: People) -> None:
    path = f"{USERS}/{people['alice'].id}/application_tokens"
    answers = [
        people["alice"].post(path, json={"application": f"app {n}"}).status_code
        for n in range(MAX_TOKENS)
    ]
    assert answers == [201] * (MAX_TOKENS - 1) + [409]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"user"',
        b'{"user": 5}',
        b'{"user": {"username": ["a"], "email": {}, "password": 1}}',
        b'{"user": {"username": "a\\u0000b", "email": "a@b", "password": "long enough"}}',
        b'{"user": {"username": "\\ud800", "email": "a@b", "password": "long enough"}}',
        b'{"user": {"username": "ok", "email": "a@b", "password": "\\ud800 long enough"}}',
        b'{"user": {"username": "ok", "email": "a@b", "password": null}}',
    ],
)
def test_a_body_that_makes_no_sense_is_refused_and_never_a_500(people: People, body: bytes) -> None:
    answer = people.root.post(USERS, data=body, content_type="application/json")
    assert answer.status_code in {400, 422}, answer.text
    assert answer.json["message"]


@pytest.mark.parametrize("header", ["root", "root:", ":x", "", "root:ptk_wrong", "r\u00e9:x"])
def test_credentials_that_do_not_fit_are_a_401(auth: Auth, people: People, header: str) -> None:
    del people
    answer = Caller(auth, {"Portus-Auth": header}).get("/api/v1/teams")
    assert answer.status_code == 401
    for odd in (
        "Basic",
        "Basic !",
        "Basic AA==",
        "Bearer",
        "Bearer x.y.z",
        "Digest x",
        "Basic AA6A",
    ):
        assert Caller(auth, {"Authorization": odd}).get("/api/v1/teams").status_code == 401


def test_a_password_is_no_application_token(auth: Auth, people: People) -> None:
    people["alice"]
    caller = Caller(auth, {"Portus-Auth": f"alice:{PASSWORD}"})
    assert caller.get("/api/v1/teams").status_code == 401
