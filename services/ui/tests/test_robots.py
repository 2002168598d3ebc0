"""Robots in the browser: of a namespace for its owners, global ones for admins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from services.ui.tests.company import HOST, Company
from services.ui.tests.fake_robots import MOST, SECRET, robot, token
from services.ui.tests.site_under_test import Visitor, visitor_of

from portus_ui.app import Ui

PAYMENTS = "/n/payments/robots"
NEW = {"name": "ci", "description": "", "may": "pull,push", "where": "all", "path": "payments/"}


@pytest.fixture
def ines(ui: Ui) -> Visitor:
    return visitor_of(ui, "ines.moreau")


@pytest.fixture
def ci(company: Company) -> None:
    company.robots = [robot(1, "robot/payments/ci", ["payments/*:pull,push", "payments/api:push"])]


def test_owners_come_from_the_namespace_and_others_see_nothing(ui: Ui, ines: Visitor) -> None:
    assert f'href="{PAYMENTS}"' in ines.visit("/n/payments").text
    assert "/robots" not in ines.visit("/n/web").text
    assert ines.visit("/n/web/robots").status_code == 404
    assert ines.visit("/n/_/robots").status_code == 404
    assert "No robots yet" in ines.visit(PAYMENTS).text
    assert visitor_of(ui).visit(PAYMENTS).headers["Location"].startswith("/sign-in")
    root = visitor_of(ui, "root")
    assert root.visit(PAYMENTS).status_code == 200
    assert 'href="/robots"' in root.visit("/n/_").text
    assert 'href="/robots"' in root.visit("/users").text


def test_a_robot_is_made_and_its_secret_shown_once(ines: Visitor, company: Company) -> None:
    made = ines.send(PAYMENTS, **NEW, days="30")
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert SECRET in made.text
    assert f"docker login -u &#39;robot/payments/ci&#39; {HOST}" in made.text
    (kept,) = company.robots
    assert kept["permissions"] == ["payments/*:pull,push"]
    left = datetime.fromisoformat(kept["tokens"][0]["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    for page in (PAYMENTS, "/robots/1"):
        shown = ines.visit(page).text
        assert SECRET not in shown
        assert "Pull and push everything in payments" in shown or page != PAYMENTS
        assert "ines.moreau" in shown


def test_what_was_typed_is_kept_and_what_is_wrong_said_at_its_field(
    ines: Visitor, ci: None
) -> None:
    taken = ines.send(PAYMENTS, **NEW | {"where": "one", "path": "payments/api"})
    assert (taken.status_code, "has already been taken" in taken.text) == (422, True)
    assert 'value="payments/api"' in taken.text
    outside = ines.send(PAYMENTS, **NEW | {"where": "one", "path": "web/shop", "name": "x"})
    assert "&#39;web/shop&#39; is outside payments: begin with payments/." in outside.text
    nothing = ines.send(PAYMENTS, **NEW | {"may": ""})
    assert "Choose what it may do, and where." in nothing.text


def test_a_limit_is_said(ines: Visitor, company: Company) -> None:
    company.robots = [robot(n, f"robot/payments/{n}", ["payments/*:pull"]) for n in range(MOST)]
    refused = ines.send(PAYMENTS, **NEW)
    assert (refused.status_code, "are all that a setting allows" in refused.text) == (422, True)


def test_permissions_are_changed(ines: Visitor, company: Company, ci: None) -> None:
    page = ines.visit("/robots/1").text
    assert 'value="payments/api"' in page
    assert '<option value="push" selected>Push</option>' in page
    form = {"may": "pull", "where": "below", "path": "payments/api", "description": "Builds"}
    assert ines.send("/robots/1", **form).headers["Location"] == "/robots/1?saved=1"
    assert company.robots[0]["permissions"] == ["payments/api/*:pull"]
    assert "Saved." in ines.visit("/robots/1?saved=1").text
    wrong = ines.send("/robots/1", **form | {"path": "web/x"})
    assert (wrong.status_code, "is outside payments" in wrong.text) == (422, True)


def test_a_second_token_takes_the_place_of_the_first(
    ines: Visitor, company: Company, ci: None
) -> None:
    blank = ines.send("/robots/1/tokens", application="", days="")
    assert (blank.status_code, "be blank" in blank.text) == (422, True)
    made = ines.send("/robots/1/tokens", application="next", days="")
    assert (made.status_code, SECRET in made.text) == (201, True)
    assert "It has two tokens" in ines.visit("/robots/1").text
    third = ines.send("/robots/1/tokens", application="third", days="")
    assert (third.status_code, "2 tokens at most" in third.text) == (409, True)
    assert ines.send("/robots/1/tokens/1/delete").headers["Location"] == "/robots/1"
    assert [each["application"] for each in company.robots[0]["tokens"]] == ["next"]


def test_a_token_is_renamed_and_ended_sooner(ines: Visitor, company: Company, ci: None) -> None:
    path = "/robots/1/tokens/1"
    assert "As now: never" in ines.visit(path).text
    assert ines.send(path, application="", days="kept").status_code == 422
    assert ines.send(path, application="old", days="7").status_code == 303
    (kept,) = company.robots[0]["tokens"]
    assert kept["application"] == "old"
    assert datetime.fromisoformat(kept["expires_at"]) < datetime.now(UTC) + timedelta(days=8)
    assert ines.visit("/robots/1/tokens/9").status_code == 404


def test_an_expired_token_says_so_and_is_only_removed(
    ines: Visitor, company: Company, ci: None
) -> None:
    company.robots[0]["tokens"] = [{**token(1, "old"), "expired": True}]
    page = ines.visit("/robots/1").text
    assert "Expired" in page
    assert 'href="/robots/1/tokens/1"' not in page


def test_a_robot_is_disabled_and_deleted(ines: Visitor, company: Company, ci: None) -> None:
    for switch, is_said in (("disable", True), ("enable", False)):
        assert ines.send(f"/robots/1/{switch}").headers["Location"] == "/robots/1"
        assert ("Disabled" in ines.visit(PAYMENTS).text) is is_said
    assert ines.send("/robots/1/delete").headers["Location"] == PAYMENTS
    assert company.robots == []


def test_admins_make_global_robots(ui: Ui, company: Company) -> None:
    root = visitor_of(ui, "root")
    assert "No robots yet" in root.visit("/robots").text
    made = root.send("/robots", **NEW | {"where": "below", "path": "web/*"})
    assert (made.status_code, "robot/ci" in made.text) == (201, True)
    assert company.robots[0]["permissions"] == ["web/*:pull,push"]
    assert root.send("/robots/1/delete").headers["Location"] == "/robots"
