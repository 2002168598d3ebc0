"""Accounts in the browser, for admins; and choosing a password with a reset."""

import pytest
from services.ui.tests.browsing import OpenTab
from services.ui.tests.company import Company
from services.ui.tests.fake_users import RESET
from services.ui.tests.site_under_test import visitor_of

from portus_ui.app import Ui

NEW = {"password": "a long enough one", "again": "a long enough one"}


def test_only_admins_see_accounts(ui: Ui) -> None:
    root, ines = visitor_of(ui, "root"), visitor_of(ui, "ines.moreau")
    assert "ines.moreau" in root.visit("/users").text
    assert ines.visit("/users").status_code == 403
    assert 'href="/users"' not in ines.visit("/").text


def test_a_new_person_gets_a_link_to_choose_a_password(ui: Ui, company: Company) -> None:
    root = visitor_of(ui, "root")
    made = root.send("/users", username="zoe", email="zoe@example.org")
    assert made.status_code == 201
    assert f"https://portus.example/reset#{RESET}" in made.text
    assert made.headers["Cache-Control"] == "no-store"
    assert len(company.users["zoe"]["password"]) > 30
    assert company.users["zoe"]["password"] not in made.text
    assert RESET not in root.visit(f"/users/{company.users['zoe']['id']}").text


def test_a_new_bot_has_no_password(ui: Ui, company: Company) -> None:
    made = visitor_of(ui, "root").send("/users", username="ci", email="ci@example.org", bot="1")
    assert made.status_code == 303
    assert "password" not in company.users["ci"]


def test_a_name_that_is_taken_is_said_at_the_field(ui: Ui) -> None:
    answer = visitor_of(ui, "root").send("/users", username="root", email="r@example.org")
    assert (answer.status_code, "has already been taken" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("switch", "name", "value"),
    [("promote", "admin", True), ("disable", "enabled", False), ("enable", "enabled", True)],
)
def test_an_admin_changes_an_account(
    ui: Ui, company: Company, switch: str, name: str, value: object
) -> None:
    root = visitor_of(ui, "root")
    assert root.send(f"/users/2/{switch}").headers["Location"] == "/users/2"
    assert company.users["stranger"][name] == value
    assert root.visit("/users/2").status_code == 200


def test_the_last_admin_stays_one(ui: Ui) -> None:
    answer = visitor_of(ui, "root").send("/users/3/demote")
    assert (answer.status_code, "One enabled admin must remain" in answer.text) == (409, True)


def test_a_reset_is_used(ui: Ui, company: Company) -> None:
    anybody = visitor_of(ui)
    assert "Choose a password" in anybody.visit("/reset").text
    done = anybody.send("/reset", token=RESET, **NEW)
    assert "Your password is changed" in done.text
    assert company.ended == ["reset to a long enough one"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({**NEW, "token": "odd"}, "is wrong, used, or too old"),
        ({**NEW, "token": RESET, "again": "x"}, "is not what you typed above"),
    ],
    ids=["token", "again"],
)
def test_a_reset_that_fails_says_why(ui: Ui, form: dict[str, str], said: str) -> None:
    answer = visitor_of(ui).send("/reset", **form)
    assert (answer.status_code, said in answer.text) == (422, True)


@pytest.mark.browser
def test_the_token_of_a_link_is_put_into_the_form_and_out_of_the_address(tab: OpenTab) -> None:
    anybody = tab()
    anybody.open(f"/reset#{RESET}")
    assert anybody.page.get_by_label("Reset token").input_value() == RESET
    assert anybody.page.url.endswith("/reset")
