"""The original's security holes, by number, as far as auth's API could have them again."""

from __future__ import annotations

import pytest
from services.auth.tests.people import ADMIN, PASSWORD, Caller, People, basic

from portus_auth.app import Auth
from portus_auth.config import read
from portus_shared.config import InvalidSettings


def test_a5_nobody_can_list_or_make_tokens_of_another_user(people: People) -> None:
    """Any user could become admin."""
    for victim in (1, people["alice"].id):
        path = f"/api/v1/users/{victim}/application_tokens"
        assert people["eve"].get(path).status_code == 404
        assert people["eve"].post(path, json={"application": "x"}).status_code == 404
    own = f"/api/v1/users/{people['eve'].id}/application_tokens"
    assert people["eve"].get(own).status_code == 200


def test_a5_nobody_can_delete_a_token_of_another_user(people: People) -> None:
    path = f"/api/v1/users/{people['alice'].id}/application_tokens"
    (token,) = people["alice"].get(path).json
    address = f"/api/v1/users/application_tokens/{token['id']}"
    assert people["eve"].delete(address).status_code == 404
    assert people["alice"].get(path).status_code == 200


def test_a_token_works_only_under_the_name_of_its_owner(auth: Auth, people: People) -> None:
    stolen = {"Portus-Auth": f"root:{people['eve'].token}"}
    assert Caller(auth, stolen).get("/api/v1/users").status_code == 401


def test_a6_a_disabled_user_keeps_nothing(auth: Auth, people: People) -> None:
    """Tokens, password, sign-ins, and API tokens given out before."""
    bob = people["bob"]
    ui = Caller(auth, {"Authorization": "Bearer the secret of ui", "Portus-Service": "ui"})
    signed_in = ui.post("/internal/v1/sign-ins", json={"login": "bob", "password": PASSWORD})
    handle = signed_in.json["handle"]
    exchanged = ui.post("/internal/v1/principal", json={"sign_in": handle})
    bearer = Caller(auth, {"Authorization": f"Bearer {exchanged.json['token']}"})
    by_password = Caller(auth, basic("bob", PASSWORD))
    every_way = (bob, bearer, by_password, Caller(auth, basic("bob", bob.token)))
    assert [each.get("/api/v1/teams").status_code for each in every_way] == [200] * 4
    off = people.root.put(f"/api/v1/users/{bob.id}", json={"user": {"enabled": False}})
    assert off.json["enabled"] is False
    assert [each.get("/api/v1/teams").status_code for each in every_way] == [401] * 4
    credentials = (
        {"sign_in": handle},
        {"portus_auth": f"bob:{bob.token}"},
        basic("bob", PASSWORD) | {"authorization": basic("bob", PASSWORD)["Authorization"]},
    )
    for credential in credentials:
        credential.pop("Authorization", None)
        assert ui.post("/internal/v1/principal", json=credential).status_code == 401
    again = ui.post("/internal/v1/sign-ins", json={"login": "bob", "password": PASSWORD})
    assert again.status_code == 401
    people.root.put(f"/api/v1/users/{bob.id}", json={"user": {"enabled": True}})
    assert ui.post("/internal/v1/principal", json={"sign_in": handle}).status_code == 401
    assert bob.get("/api/v1/teams").status_code == 200


def test_a7_cookies_open_nothing_and_none_are_set(auth: Auth, people: People) -> None:
    """The API answers to headers alone, and signing in by token opens no session."""
    ui = Caller(auth, {"Authorization": "Bearer the secret of ui", "Portus-Service": "ui"})
    body = {"login": "root", "password": ADMIN["password"]}
    handle = ui.post("/internal/v1/sign-ins", json=body).json["handle"]
    for name in ("session", "_portus_session", "handle", "portus"):
        caller = Caller(auth, {"Cookie": f"{name}={handle}"})
        assert caller.get("/api/v1/teams").status_code == 401
    answer = people.root.get("/api/v1/teams")
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a8_no_namespace_goes_to_a_team_one_has_no_rights_in(people: People) -> None:
    """Transfers asked only the old team's owner."""
    people.team("ours", alice="owner")
    people.team("theirs", bob="owner")
    people.team("both", bob="owner", alice="viewer")
    namespace = people.namespace("shop", "ours")
    path = f"/api/v1/namespaces/{namespace}"
    assert people["alice"].put(path, json={"namespace": {"team": "theirs"}}).status_code == 404
    assert people["alice"].put(path, json={"namespace": {"team": "bob"}}).status_code == 404
    assert people["alice"].put(path, json={"namespace": {"team": "both"}}).status_code == 403
    assert people["alice"].get(path).json["team"]["name"] == "ours"


def test_a8_names_of_foreign_teams_are_not_told(people: People) -> None:
    """A typeahead listed all teams."""
    team = people.team("secret plans", alice="owner")
    assert people["eve"].get("/api/v1/teams?all=true").json == []
    assert people["eve"].get("/api/v1/teams?name=secret%20plans").json == []
    assert people["eve"].get(f"/api/v1/teams/{team}").status_code == 404
    missing = people["eve"].get("/api/v1/teams/999999")
    hidden = people["eve"].get(f"/api/v1/teams/{team}")
    assert missing.json["message"] == hidden.json["message"]


def test_a11_a_bot_has_no_password(auth: Auth, people: People) -> None:
    """Bots got web access."""
    user = {"username": "ci", "email": "ci@example.org", "password": PASSWORD, "bot": True}
    bot = people.root.post("/api/v1/users", json={"user": user}).json
    assert bot["namespace_id"] is None
    assert Caller(auth, basic("ci", PASSWORD)).get("/api/v1/teams").status_code == 401
    path = f"/api/v1/users/{bot['id']}/application_tokens"
    token = people.root.post(path, json={"application": "builds"}).json["plain_token"]
    assert Caller(auth, basic("ci", token)).get("/api/v1/teams").status_code == 200


def test_a_deleted_token_is_void_at_once(auth: Auth, people: People) -> None:
    path = f"/api/v1/users/{people['bob'].id}/application_tokens"
    made = people["bob"].post(path, json={"application": "short"}).json
    short = Caller(auth, {"Portus-Auth": f"bob:{made['plain_token']}"})
    assert short.get("/api/v1/teams").status_code == 200
    gone = people["bob"].delete(f"/api/v1/users/application_tokens/{made['id']}")
    assert gone.status_code == 204
    assert short.get("/api/v1/teams").status_code == 401
    names = [each["application"] for each in people["bob"].get(path).json]
    assert names == ["test"]


def test_a13_nothing_works_before_somebody_chose_a_password(
    auth: Auth, environ: dict[str, str], setup_code: str
) -> None:
    """The original came with the password portus1234, and with a known secret."""
    for name in ("portus", "admin", "root", "_sync", "_auth"):
        for secret in ("portus1234", "portus", "admin", "12341234", ""):
            caller = Caller(auth, basic(name, secret))
            assert caller.get("/api/v1/users").status_code == 401
            assert caller.get("/v2/token").status_code == 401
    assert len(setup_code) >= 8
    for name in ("SYNC_SECRET", "CATALOG_SECRET", "UI_SECRET", "CA_KEY_FILE"):
        with pytest.raises(InvalidSettings):
            read({key: value for key, value in environ.items() if key != f"PORTUS_{name}"})
