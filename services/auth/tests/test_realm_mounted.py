"""The realm inside auth: what the REST API changes, the next token knows."""

from typing import Any

import jwt
from services.auth.tests.people import PASSWORD, Caller, People, basic

from portus_auth.app import Auth, build
from portus_auth.config import Settings
from portus_shared.testing.waiting import wait_until

PUSH = "/v2/token?service=registry.test:5000&scope=repository:web/app:pull,push"


def _actions(auth: Auth, username: str, secret: str) -> list[str]:
    answer = Caller(auth, basic(username, secret)).get(PUSH)
    assert answer.status_code == 200, answer.text
    claims: dict[str, Any] = jwt.decode(answer.json["token"], options={"verify_signature": False})
    assert claims["sub"] == username
    return [action for entry in claims["access"] for action in entry["actions"]]


def test_membership_counts_in_the_next_token(auth: Auth, people: People) -> None:
    team = people.team("web", olga="owner", carl="contributor")
    people.namespace("web", "web")
    assert _actions(auth, "carl", people["carl"].token) == ["pull", "push"]
    members = people.root.get(f"/api/v1/teams/{team}/members?all=true").json
    carl = next(member["id"] for member in members if member["username"] == "carl")
    path = f"/api/v1/teams/{team}/members/{carl}"
    assert people["olga"].put(path, json={"role": "viewer"}).status_code == 200
    assert _actions(auth, "carl", people["carl"].token) == ["pull"]
    assert people["olga"].delete(path).status_code == 204
    assert _actions(auth, "carl", people["carl"].token) == []


def test_person_may_do_everything_in_their_own_namespace(auth: Auth, people: People) -> None:
    path = PUSH.replace("web/app:pull,push", "dora/app:*")
    answer = Caller(auth, basic("dora", people["dora"].token)).get(path)
    claims = jwt.decode(answer.json["token"], options={"verify_signature": False})
    assert claims["access"][0]["actions"] == ["pull", "push", "delete"]


def test_disabled_account_gets_no_further_token(auth: Auth, people: People) -> None:
    eve = people["eve"]
    assert Caller(auth, basic("eve", PASSWORD)).get(PUSH).status_code == 200
    path = f"/api/v1/users/{eve.id}"
    assert people.root.put(path, json={"user": {"enabled": False}}).status_code == 200
    for secret in (PASSWORD, eve.token):
        assert Caller(auth, basic("eve", secret)).get(PUSH).status_code == 401


def test_deleted_application_token_is_worthless_at_once(auth: Auth, people: People) -> None:
    eve = people["eve"]
    assert _actions(auth, "eve", eve.token) == []
    (token,) = eve.get(f"/api/v1/users/{eve.id}/application_tokens").json
    path = f"/api/v1/users/application_tokens/{token['id']}"
    assert people.root.delete(path).status_code == 204
    assert Caller(auth, basic("eve", eve.token)).get(PUSH).status_code == 401


def test_other_process_follows(auth: Auth, people: People, settings: Settings) -> None:
    other = build(settings)
    try:
        eve = people["eve"]
        assert Caller(other).get("/v2/token").status_code == 200
        people.team("web", eve="owner")
        people.namespace("web", "web")
        wait_until(
            lambda: _actions(other, "eve", eve.token) == ["pull", "push"],
            5,
            what="the other process knows the namespace",
        )
    finally:
        other.close()


def test_sync_signs_in_with_the_secret_of_its_service(auth: Auth, people: People) -> None:
    assert people.root.get("/api/v1/namespaces").status_code == 200
    path = "/v2/token?scope=registry:catalog:*"
    answer = Caller(auth, basic("_sync", "the secret of sync")).get(path)
    claims = jwt.decode(answer.json["token"], options={"verify_signature": False})
    assert claims["access"] == [{"type": "registry", "name": "catalog", "actions": ["*"]}]
