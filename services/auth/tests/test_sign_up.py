"""Accounts that people make for themselves, where that is allowed."""

from __future__ import annotations

from typing import Any, Final

import pytest
from services.auth.tests import trail
from services.auth.tests.people import PASSWORD, Caller, People, basic, service

from portus_auth.app import SIGN_UPS_AN_HOUR, Auth, build
from portus_auth.config import read

SIGN_UP: Final = "/internal/v1/sign-ups"
EVE: Final = {"username": "eve", "email": "eve@example.org", "password": PASSWORD}


@pytest.fixture
def door(auth: Auth, environ: dict[str, str]) -> Caller:
    """ui, before an auth where people make accounts."""
    opened = build(read({**environ, "PORTUS_SIGNUP_ENABLED": "true"}), database=auth.database)
    return service(opened)


def test_somebody_makes_an_account_and_is_no_admin(
    auth: Auth, people: People, door: Caller
) -> None:
    answer = door.post(SIGN_UP, json={**EVE, "admin": True, "bot": True, "address": "192.0.2.9"})
    assert answer.status_code == 201, answer.text
    assert (answer.json["admin"], answer.json["bot"]) == (False, False)
    eve = Caller(auth, basic("eve", PASSWORD))
    assert [each["name"] for each in eve.get("/api/v1/namespaces?name=eve").json] == ["eve"]
    assert eve.get("/api/v1/users").status_code == 403
    made = trail.last(auth, "user.create")
    assert (made.actor, made.address) == ("anonymous", "192.0.2.9")


def test_it_is_off_unless_it_is_switched_on(auth: Auth, people: People, door: Caller) -> None:
    assert service(auth).post(SIGN_UP, json=EVE).status_code == 404
    assert service(auth).get("/internal/v1/about").json["sign_up"] is False
    assert door.get("/internal/v1/about").json["sign_up"] is True


def test_nobody_becomes_the_first_account_that_way(auth: Auth, door: Caller) -> None:
    answer = door.post(SIGN_UP, json={**EVE, "admin": True})
    assert answer.status_code == 404
    assert service(auth).get("/internal/v1/about").json["setup_needed"] is True


def test_it_is_for_ui_alone(people: People, auth: Auth) -> None:
    assert Caller(auth).post(SIGN_UP, json=EVE).status_code == 401
    assert people.root.post(SIGN_UP, json=EVE).status_code == 401


def test_faults_are_told_by_field(people: People, door: Caller) -> None:
    people["eve"]
    faulty: dict[str, Any] = {"username": "_x", "email": "x", "password": "password"}
    answer = door.post(SIGN_UP, json=faulty)
    assert answer.status_code == 422
    assert set(answer.json["message"]) == set(faulty)
    taken = door.post(SIGN_UP, json=EVE)
    assert taken.json["message"]["username"] == ["has already been taken"]


def test_passwords_have_8_to_128_characters_and_are_not_common(
    people: People, door: Caller
) -> None:
    for password in ("x" * 7, "x" * 129, "password1"):
        answer = door.post(SIGN_UP, json={**EVE, "password": password})
        assert set(answer.json["message"]) == {"password"}


def test_haste_is_slowed_down_by_address(people: People, door: Caller) -> None:
    answers = [
        door.post(SIGN_UP, json={**EVE, "password": "x", "address": f"2001:db8::{n}"}).status_code
        for n in range(SIGN_UPS_AN_HOUR + 1)
    ]
    assert answers == [422] * SIGN_UPS_AN_HOUR + [429]
    assert door.post(SIGN_UP, json={**EVE, "address": "192.0.2.10"}).status_code == 201
