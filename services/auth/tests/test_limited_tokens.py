"""Application tokens with scopes and an end, over the REST API."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any, Final

import pytest
from services.auth.tests.people import Caller, People, Person, basic, created, service
from services.auth.tests.test_endpoints import NOT_FOR_ROLES
from services.auth.tests.trail import last

from portus_auth.app import Auth
from portus_auth.schemas.scopes import MAX_SCOPES
from portus_shared.clock import now
from portus_shared.testing.waiting import wait_until

PRINCIPAL: Final = "/internal/v1/principal"
HEEDING: Final = {"/api/v1/namespaces", "/api/v1/namespaces/<id>", "/api/v1/access"}
"""The routes that read what a caller may see within the scopes of its token."""

PUBLIC: Final = {"/api/v1/users/bootstrap", "/api/v1/users/password_resets"}


def limited(people: People, auth: Auth, name: str, *scopes: str, **values: Any) -> Person:
    """Return somebody who shows a token with these scopes."""
    body = {"application": f"limited {' '.join(scopes)}", "scopes": scopes, **values}
    owner = people[name]
    path = f"/api/v1/users/{owner.id}/application_tokens"
    token = created(owner.post(path, json=body))["plain_token"]
    return Person(auth, owner.id, name, token)


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * 4))
    return claims


def test_a_token_is_listed_with_its_limits_and_its_last_use(people: People, auth: Auth) -> None:
    end = (now() + timedelta(days=30)).isoformat()
    alice = limited(people, auth, "alice", "team/*:push,pull", "app:*", expires_at=end)
    where = {"REMOTE_ADDR": "192.0.2.9"}
    assert alice.get("/api/v1/namespaces", environ_overrides=where).status_code == 200
    auth.token_uses.close()
    listed = people["alice"].get(f"/api/v1/users/{alice.id}/application_tokens").json[-1]
    assert listed["scopes"] == ["team/*:pull,push", "app:pull,push,delete"]
    assert listed["expires_at"] == end
    assert listed["expired"] is False
    assert listed["last_used_at"] > listed["created_at"]
    assert listed["last_used_address"] == "192.0.2.9"


def test_a_token_made_as_the_original_s_clients_do_has_no_limits(people: People) -> None:
    path = f"/api/v1/users/{people['alice'].id}/application_tokens"
    made = people["alice"].post(path, data={"application": "old client"})
    assert set(created(made)) == {"id", "application", "plain_token"}
    listed = people["alice"].get(path).json[-1]
    assert [listed[name] for name in ("scopes", "expires_at", "last_used_at")] == [None] * 3


def test_forms_send_scopes_with_spaces_between(people: People) -> None:
    path = f"/api/v1/users/{people['alice'].id}/application_tokens"
    form = {"application": "form", "scopes": "a/*:pull b/*:push", "expires_at": "2100-01-01T00:00"}
    created(people["alice"].post(path, data=form))
    listed = people["alice"].get(path).json[-1]
    assert listed["scopes"] == ["a/*:pull", "b/*:push"]
    assert listed["expires_at"] == "2100-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scopes", []),
        ("scopes", ""),
        ("scopes", ["team/*"]),
        ("scopes", ["team/*:admin"]),
        ("scopes", ["Team/*:pull"]),
        ("scopes", [7]),
        ("scopes", {"team/*": "pull"}),
        ("scopes", ["a\x00/*:pull"]),
        ("scopes", [f"a{n}/*:pull" for n in range(MAX_SCOPES + 1)]),
        ("expires_at", "soon"),
        ("expires_at", "2020-01-01T00:00:00Z"),
        ("expires_at", "9999-12-31T23:59:59-12:00"),
        ("expires_at", "0001-01-01T00:00:00+12:00"),
        ("expires_at", 7),
    ],
)
def test_what_is_no_limit_is_told_by_its_field(people: People, field: str, value: Any) -> None:
    path = f"/api/v1/users/{people['alice'].id}/application_tokens"
    answer = people["alice"].post(path, json={"application": "x", field: value})
    assert answer.status_code == 422, answer.text
    assert list(answer.json["message"]) == [field]


def test_every_other_route_refuses_a_token_with_scopes_and_every_one_a_robot(
    people: People, auth: Auth
) -> None:
    root, refused = limited(people, auth, "root", "*:*"), 0
    robot = people.machine(None, "*:*")
    for rule in auth.rest.url_map.iter_rules():
        path = "/".join("1" if part.startswith("<") else part for part in rule.rule.split("/"))
        shown = "/".join("<id>" if part.startswith("<") else part for part in rule.rule.split("/"))
        if rule.rule in NOT_FOR_ROLES or not path.startswith("/api/"):
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if shown in PUBLIC and method == "POST":
                continue
            assert robot.call(method, path, json={}).status_code == 403
            if shown in HEEDING and method == "GET":
                continue
            answer = root.call(method, path, json={"application": "wider", "password": "x"})
            assert answer.status_code == 403, f"{method} {path}: {answer.text}"
            assert "limited to *:pull,push,delete" in answer.json["message"]
            refused += 1
    assert refused > 30


def test_neither_does_the_api_token_it_is_traded_for_open_more(people: People, auth: Auth) -> None:
    root = limited(people, auth, "root", "ns/*:pull")
    given = {"portus_auth": root.headers["Portus-Auth"]}
    answer = service(auth).post(PRINCIPAL, json=given).json
    assert answer["principal"]["scopes"] == ["ns/*:pull"]
    assert answer["principal"]["admin"] is False
    claims = _claims(answer["token"])
    assert (claims["scopes"], claims["admin"], claims["kind"]) == (["ns/*:pull"], False, "user")
    bearer = Caller(auth, {"Authorization": f"Bearer {answer['token']}"})
    path = f"/api/v1/users/{root.id}/application_tokens"
    assert bearer.post(path, json={"application": "wider"}).status_code == 403
    assert bearer.get("/api/v1/users").status_code == 403
    assert bearer.get("/api/v1/namespaces").json == []


def test_an_api_token_lasts_no_longer_than_what_it_was_traded_for(
    people: People, auth: Auth
) -> None:
    end = now() + timedelta(seconds=20)
    alice = limited(people, auth, "alice", "ns/*:pull", expires_at=end.isoformat())
    given = {"authorization": basic("alice", alice.token)["Authorization"]}
    answer = service(auth).post(PRINCIPAL, json=given).json
    assert 15 <= answer["expires_in"] <= 20
    assert _claims(answer["token"])["exp"] <= end.timestamp()


def test_only_namespaces_of_the_scopes_are_seen(people: People, auth: Auth) -> None:
    people.team("crew", alice="owner", bob="viewer")
    mine, other = people.namespace("mine", "crew"), people.namespace("other", "crew")
    bob = limited(people, auth, "bob", "mine/app:*", "else/*:pull", "other/*:push")
    (seen,) = bob.get("/api/v1/namespaces").json
    assert (seen["name"], seen["actions"]) == ("mine", ["pull"])
    assert bob.get("/api/v1/namespaces").headers["X-Total"] == "1"
    assert bob.get(f"/api/v1/namespaces/{mine}").json["actions"] == ["pull"]
    assert bob.get(f"/api/v1/namespaces/{other}").status_code == 404
    assert bob.get("/api/v1/namespaces?held=true").status_code == 403
    everything = limited(people, auth, "alice", "*:pull").get("/api/v1/namespaces").json
    assert {each["name"]: each["actions"] for each in everything}["other"] == ["pull"]


def test_a_token_is_told_what_its_scopes_leave(people: People, auth: Auth) -> None:
    people.team("crew", alice="owner")
    people.namespace("mine", "crew")
    alice = limited(people, auth, "alice", "mine/app:pull")

    def explained(repository: str, action: str, user: str = "alice") -> Any:
        query = f"user={user}&repository={repository}&action={action}"
        return alice.get(f"/api/v1/access?{query}")

    assert explained("mine/app", "pull").json["allowed"] is True
    denied = explained("mine/app", "push").json
    assert denied["allowed"] is False
    assert denied["needed"] == ["use a token without scopes, or with mine/app:push among them"]
    assert explained("mine/app", "pull", "root").status_code == 403
    assert alice.get("/api/v1/access?user=alice").status_code == 403
    assert alice.get("/api/v1/access?repository=mine/app&action=pull").status_code == 403


def test_an_expired_token_opens_nothing_and_gives_its_name_back(people: People, auth: Auth) -> None:
    end = (now() + timedelta(seconds=1)).isoformat()
    alice = limited(people, auth, "alice", "*:pull", expires_at=end)
    path = f"/api/v1/users/{alice.id}/application_tokens"
    again = {"application": "limited *:pull"}
    assert people["alice"].post(path, json=again).status_code == 422

    def is_expired() -> bool:
        return bool(people["alice"].get(path).json[-1]["expired"])

    wait_until(is_expired, 5, what="the token has expired")
    assert alice.get("/api/v1/namespaces").status_code == 401
    given = {"portus_auth": alice.headers["Portus-Auth"]}
    assert service(auth).post(PRINCIPAL, json=given).status_code == 401
    assert people["alice"].post(path, json=again).status_code == 201
    assert [each["expired"] for each in people["alice"].get(path).json] == [False, False]


def test_a_token_that_ends_makes_none_that_outlives_it(people: People, auth: Auth) -> None:
    end, later = (now() + timedelta(days=days) for days in (1, 2))
    path = f"/api/v1/users/{people['alice'].id}/application_tokens"
    body = {"application": "a day", "expires_at": end.isoformat()}
    secret = created(people["alice"].post(path, json=body))["plain_token"]
    alice = Person(auth, people["alice"].id, "alice", secret)
    for wanted in ({}, {"expires_at": later.isoformat()}):
        answer = alice.post(path, json={"application": "longer", **wanted})
        assert (answer.status_code, list(answer.json["message"])) == (422, ["expires_at"])
    created(alice.post(path, json={"application": "as long", "expires_at": end.isoformat()}))


def test_an_admin_makes_tokens_for_others_and_the_trail_tells_it(
    people: People, auth: Auth
) -> None:
    path = f"/api/v1/users/{people['alice'].id}/application_tokens"
    body = {"application": "given", "scopes": ["a/*:pull"], "expires_at": "2100-01-01T00:00:00Z"}
    assert people["bob"].post(path, json=body).status_code == 404
    created(people.root.post(path, json=body))
    told = last(auth, "application_token.create")
    assert (told.actor, told.subject) == ("root", "user alice")
    assert told.after["scopes"] == ["a/*:pull"]
    assert told.after["expires_at"] == "2100-01-01T00:00:00+00:00"


def test_the_log_says_when_a_token_s_scopes_were_in_the_way(people: People, auth: Auth) -> None:
    people.team("crew", alice="owner")
    people.namespace("shop", "crew")
    alice = limited(people, auth, "alice", "shop/*:pull")
    headers = basic("alice", alice.token)
    path = "/v2/token?scope=repository:shop/app:pull,push"
    assert alice.get(path, headers=headers).status_code == 200
    auth.decision_log.close()
    (entry,) = people["alice"].get("/api/v1/decisions").json["items"]
    assert entry["granted"] == ["pull"]
    assert entry["because"] == ["alice is owner in the team crew"]
    assert entry["needed"] == ["use a token without scopes, or with shop/app:push among them"]
