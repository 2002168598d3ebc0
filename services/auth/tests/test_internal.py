"""What the other services ask auth."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from services.auth.tests.people import ADMIN, Caller, People, basic

from portus_auth.app import Auth
from portus_auth.config import Settings
from portus_auth.usecases.failures import LIMIT
from portus_shared.clock import now
from portus_shared.keys import Verifier

PRINCIPAL = "/internal/v1/principal"
SIGN_INS = "/internal/v1/sign-ins"
SIGN_IN = {"login": "root", "password": ADMIN["password"]}


@pytest.fixture
def ui(auth: Auth) -> Caller:
    return Caller(auth, {"Authorization": "Bearer the secret of ui", "Portus-Service": "ui"})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Portus-Service": "ui"},
        {"Authorization": "Bearer the secret of ui"},
        {"Authorization": "Bearer the secret of ui", "Portus-Service": "sync"},
        {"Authorization": "Bearer the secret of ui", "Portus-Service": "stranger"},
        {"Authorization": "Bearer ", "Portus-Service": "stranger"},
        {"Authorization": "Basic the secret of ui", "Portus-Service": "ui"},
        {"Authorization": "Bearer \u00e9", "Portus-Service": "ui"},
    ],
)
def test_only_services_with_their_own_secret_are_answered(
    auth: Auth, headers: dict[str, str]
) -> None:
    assert Caller(auth, headers).get("/internal/v1/about").status_code == 401


def test_about_says_whether_set_up_is_needed(ui: Caller, request: pytest.FixtureRequest) -> None:
    registries = [{"name": "default", "external_host": "registry.test:5000"}]
    before = ui.get("/internal/v1/about").json
    closed = {"sign_up": False, "mail": False}
    assert before == {"setup_needed": True, "registries": registries, **closed}
    request.getfixturevalue("people")
    assert ui.get("/internal/v1/about").json["setup_needed"] is False


def test_each_credential_is_exchanged_for_a_short_api_token(
    ui: Caller, people: People, settings: Settings
) -> None:
    handle = ui.post(SIGN_INS, json=SIGN_IN).json["handle"]
    credentials = (
        {"portus_auth": f"root:{people.root.token}"},
        {"authorization": basic("root", people.root.token)["Authorization"]},
        {"authorization": basic("root@example.org", ADMIN["password"])["Authorization"]},
        {"sign_in": handle},
    )
    verifier = Verifier(settings.service.ca_cert_file.read_bytes())
    for credential in credentials:
        answer = ui.post(PRINCIPAL, json=credential).json
        known = {"kind": "user", "name": "root", "admin": True, "user_id": 1, "scopes": None}
        assert answer["principal"] == known
        assert answer["expires_in"] == 60
        claims = verifier.verify(answer["token"], audience="portus-api")
        assert claims["sub"] == "root"
        assert claims["exp"] - claims["iat"] == 60


def test_the_api_takes_the_token_it_gave(auth: Auth, ui: Caller, people: People) -> None:
    body = {"portus_auth": f"root:{people.root.token}"}
    token = ui.post(PRINCIPAL, json=body).json["token"]
    bearer = Caller(auth, {"Authorization": f"Bearer {token}"})
    assert bearer.get("/api/v1/users").status_code == 200


def test_a_registry_token_is_no_api_token(auth: Auth, people: People) -> None:
    realm = Caller(auth, basic("root", people.root.token))
    answer = realm.get("/v2/token?service=registry.test:5000")
    assert answer.status_code == 200
    bearer = Caller(auth, {"Authorization": f"Bearer {answer.json['token']}"})
    assert bearer.get("/api/v1/users").status_code == 401


def test_anonymous_callers_see_public_namespaces_and_change_nothing(
    auth: Auth, ui: Caller, people: People
) -> None:
    people.team("ours", alice="owner")
    for visibility in ("private", "protected", "public"):
        people.namespace(visibility, "ours", visibility)
    answer = ui.post(PRINCIPAL, json={"anonymous": True}).json
    assert answer["principal"]["kind"] == "anonymous"
    anonymous = Caller(auth, {"Authorization": f"Bearer {answer['token']}"})
    found = anonymous.get("/api/v1/namespaces?all=true").json
    assert {each["name"]: each["actions"] for each in found} == {"_": ["pull"], "public": ["pull"]}
    assert anonymous.get("/api/v1/teams").json == []
    assert anonymous.get("/api/v1/users").status_code == 403
    assert anonymous.post("/api/v1/teams", json={"name": "x"}).status_code == 403
    body = {"name": "x", "team": "ours"}
    assert anonymous.post("/api/v1/namespaces", json=body).status_code == 404


@pytest.mark.parametrize(
    ("credential", "status"),
    [
        ({}, 400),
        ({"anonymous": False}, 400),
        ({"anonymous": True, "sign_in": "x"}, 400),
        ({"sign_in": "x"}, 401),
        ({"portus_auth": "root"}, 401),
        ({"portus_auth": "root:ptk_x"}, 401),
        ({"authorization": "Basic x"}, 401),
        ({"authorization": "Bearer x"}, 401),
        ({"sign_in": 5}, 422),
    ],
)
def test_what_does_not_fit_is_refused(
    ui: Caller, people: People, credential: dict[str, object], status: int
) -> None:
    del people
    assert ui.post(PRINCIPAL, json=credential).status_code == status


def test_wrong_credentials_count_by_the_address_that_the_service_says(
    ui: Caller, people: People
) -> None:
    def shown(address: str, password: str) -> int:
        header = basic("root", password)["Authorization"]
        status = ui.post(PRINCIPAL, json={"authorization": header, "address": address}).status_code
        return int(status)

    del people
    for number in range(LIMIT):
        assert shown("192.0.2.66", f"guess {number}") == 401
    assert shown("192.0.2.66", ADMIN["password"]) == 429
    assert shown("192.0.2.7", ADMIN["password"]) == 200


def test_a_sign_in_lasts_and_is_remembered_longer_on_request(ui: Caller, people: People) -> None:
    short = ui.post(SIGN_INS, json=SIGN_IN)
    assert short.status_code == 201
    assert short.json["user"] == {"id": 1, "username": "root", "admin": True}
    remembered = ui.post(SIGN_INS, json=SIGN_IN | {"remember": True}).json
    for answer, days in ((short.json, 0.5), (remembered, 30)):
        lasts = datetime.fromisoformat(answer["expires_at"]) - now()
        assert timedelta(days=days) - lasts < timedelta(minutes=1)
    seen = people.root.get("/api/v1/users/1").json
    assert seen["current_sign_in_at"] >= seen["last_sign_in_at"]


def test_a_sign_in_by_address_and_with_a_wrong_password(ui: Caller, people: People) -> None:
    del people
    by_address = {"login": "Root@Example.org", "password": ADMIN["password"]}
    assert ui.post(SIGN_INS, json=by_address).status_code == 201
    for login in ("root", "ghost"):
        wrong = {"login": login, "password": "not the password"}
        assert ui.post(SIGN_INS, json=wrong).status_code == 401


def test_a_revoked_sign_in_is_over(ui: Caller, people: People) -> None:
    del people
    handle = ui.post(SIGN_INS, json=SIGN_IN).json["handle"]
    assert ui.post(PRINCIPAL, json={"sign_in": handle}).status_code == 200
    assert ui.delete(SIGN_INS, json={"handle": handle}).status_code == 204
    assert ui.post(PRINCIPAL, json={"sign_in": handle}).status_code == 401
    assert ui.delete(SIGN_INS, json={"handle": handle}).status_code == 204
