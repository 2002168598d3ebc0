"""The first start: who may become the first admin, and what is there from the beginning."""

from __future__ import annotations

from services.auth.tests.people import ADMIN, PASSWORD, Caller, People, Person, basic

from portus_auth.app import Auth, build
from portus_auth.config import Settings, read

BOOTSTRAP = "/api/v1/users/bootstrap"


def test_the_set_up_code_makes_one_admin_with_a_token(nobody: Caller, setup_code: str) -> None:
    answer = nobody.post(BOOTSTRAP, json={"user": ADMIN, "setup_code": setup_code})
    assert answer.status_code == 201
    assert answer.json["application"] == "bootstrap"
    assert answer.json["plain_token"].startswith("ptk_")
    assert len(answer.json["plain_token"]) == 4 + 43


def test_without_the_right_code_nobody_becomes_admin(nobody: Caller, setup_code: str) -> None:
    for code in ({}, {"setup_code": ""}, {"setup_code": setup_code[:-1] + "#"}):
        assert nobody.post(BOOTSTRAP, json={"user": ADMIN, **code}).status_code == 403


def test_the_code_is_read_however_it_is_typed(nobody: Caller, setup_code: str) -> None:
    typed = setup_code.lower().replace("-", " ")
    assert nobody.post(BOOTSTRAP, json={"user": ADMIN, "setup_code": typed}).status_code == 201


def test_form_bodies_are_read_as_the_original_did(nobody: Caller, setup_code: str) -> None:
    form = {f"user[{name}]": value for name, value in ADMIN.items()} | {"setup_code": setup_code}
    assert nobody.post(BOOTSTRAP, data=form).status_code == 201


def test_an_open_bootstrap_needs_no_code(auth: Auth, environ: dict[str, str]) -> None:
    opened = build(read(environ | {"PORTUS_OPEN_BOOTSTRAP": "true"}))
    assert Caller(opened).post(BOOTSTRAP, json={"user": ADMIN}).status_code == 201
    opened.close()


def test_bootstrap_is_over_once_somebody_has_an_account(
    people: People, nobody: Caller, setup_code: str, environ: dict[str, str]
) -> None:
    second = {**ADMIN, "username": "eve", "email": "eve@example.org", "admin": True}
    body = {"user": second, "setup_code": setup_code}
    assert nobody.post(BOOTSTRAP, json=body).status_code == 400
    opened = build(read(environ | {"PORTUS_OPEN_BOOTSTRAP": "true"}))
    assert Caller(opened).post(BOOTSTRAP, json=body).status_code == 400
    opened.close()
    assert people.root.get("/api/v1/users/eve").status_code == 404


def test_a10_nobody_can_make_themselves_admin_while_all_admins_are_gone(people: People) -> None:
    """The last enabled admin stays, and a posted `admin` is no field of a new account."""
    off = people.root.put("/api/v1/users/1", json={"user": {"enabled": False}})
    assert off.status_code == 409
    assert off.json["type"] == "urn:portus:problem:last-admin"
    user = {"username": "eve", "email": "e@example.org", "password": PASSWORD, "admin": True}
    assert people.root.post("/api/v1/users", json={"user": user}).json["admin"] is False


def test_faults_of_the_first_admin_are_told_by_field(nobody: Caller, setup_code: str) -> None:
    user = {"username": "_sync", "email": "nowhere", "password": "short"}
    answer = nobody.post(BOOTSTRAP, json={"user": user, "setup_code": setup_code})
    assert answer.status_code == 422
    assert set(answer.json["message"]) == {"username", "email", "password"}


def test_the_code_survives_restarts_and_its_file_goes_when_it_is_used(
    auth: Auth, settings: Settings, setup_code: str
) -> None:
    again = build(settings)
    file = settings.setup_code_file
    assert file
    assert file.read_text().strip() == setup_code
    assert file.stat().st_mode & 0o777 == 0o600
    body = {"user": ADMIN, "setup_code": setup_code}
    assert Caller(again).post(BOOTSTRAP, json=body).status_code == 201
    assert not file.exists()
    again.close()


def test_the_first_admin_can_sign_in_with_the_password(auth: Auth, people: People) -> None:
    answer = Caller(auth, basic("root", ADMIN["password"])).get("/api/v1/users")
    assert answer.status_code == 200


def test_there_is_a_global_namespace_for_everybody_to_pull_from(people: People) -> None:
    stranger: Person = people["dave"]
    (found,) = stranger.get("/api/v1/namespaces?name=_").json
    assert found["global"] is True
    assert found["visibility"] == "public"
    assert found["actions"] == ["pull"]
    assert people.root.get("/api/v1/namespaces?name=_").json[0]["actions"] == [
        "delete",
        "pull",
        "push",
    ]
