from __future__ import annotations

import pytest
from services.ui.tests.company import PASSWORD, Company, empty_company
from services.ui.tests.site_under_test import built, cookie_of, settings_for, visitor_of

from portus_ui.app import Ui

PLAIN = "http://10.0.0.7:8080"
FIRST = {"username": "ines", "email": "ines@tidewater.example", "password": PASSWORD}


@pytest.fixture
def company() -> Company:
    return empty_company()


def test_a_good_password_leads_to_where_one_wanted_to_go(ui: Ui) -> None:
    answer = visitor_of(ui).sign_in("ines.moreau", next="/n/payments")
    assert (answer.status_code, answer.location) == (303, "/n/payments")


def test_the_door_leads_nowhere_else(ui: Ui) -> None:
    answer = visitor_of(ui).sign_in("ines.moreau", next="//evil.example/")
    assert answer.location == "/"


def test_unknown_names_and_wrong_passwords_are_told_the_same(ui: Ui) -> None:
    visitor = visitor_of(ui)
    unknown, wrong = visitor.sign_in("nobody", "x"), visitor.sign_in("ines.moreau", "x")
    assert unknown.status_code == wrong.status_code == 401
    assert "That username and password do not match." in wrong.text
    assert 'value="ines.moreau"' in wrong.text
    assert not cookie_of(wrong, "sid")


def test_somebody_too_hasty_is_told_how_long_to_wait(ui: Ui) -> None:
    answer = visitor_of(ui).sign_in("hasty", "x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "42")
    assert "Try again in 42 seconds" in answer.text


def test_who_is_signed_in_walks_through_the_door(ui: Ui) -> None:
    answer = visitor_of(ui, "root").visit("/sign-in?next=/explore")
    assert (answer.status_code, answer.location) == (303, "/explore")


def test_set_up_makes_the_first_admin_and_closes(ui: Ui, company: Company) -> None:
    company.setup_needed = True
    company.users.clear()
    visitor = visitor_of(ui)
    assert visitor.visit("/").location == "/setup"
    assert visitor.visit("/sign-in").location == "/setup"
    assert visitor.visit("/setup").status_code == 200
    answer = visitor.send("/setup", code=company.setup_code, **FIRST)
    assert (answer.status_code, answer.location) == (303, "/")
    assert cookie_of(answer, "sid")
    assert ", administrator" in visitor.visit("/").text
    assert visitor.visit("/setup").status_code == 404
    assert visitor.send("/setup", code=company.setup_code, **FIRST).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"code": "guess"}, "code"), ({"password": "short"}, "password")],
)
def test_set_up_says_which_field_is_wrong(
    ui: Ui, company: Company, wrong: dict[str, str], field: str
) -> None:
    company.setup_needed = True
    answer = visitor_of(ui).send("/setup", **({"code": company.setup_code} | FIRST | wrong))
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert 'value="ines@tidewater.example"' in answer.text
    assert PASSWORD not in answer.text


def test_set_up_is_not_there_once_an_admin_exists(ui: Ui) -> None:
    assert visitor_of(ui).visit("/setup").status_code == 404


@pytest.mark.parametrize(("insecure", "warned"), [("false", True), ("true", False)])
def test_plain_http_says_that_the_cookie_will_be_refused(
    company: Company, sqlite_url: str, insecure: str, warned: bool
) -> None:
    settings = settings_for(sqlite_url, PUBLIC_URL=PLAIN, UI_INSECURE_COOKIES=insecure)
    page = built(company, settings).app.test_client().get("/sign-in", base_url=PLAIN).text
    assert ("browsers refuse the session cookie" in page) is warned


def test_an_insecure_cookie_is_named_so_and_works_on_plain_http(
    company: Company, sqlite_url: str
) -> None:
    settings = settings_for(sqlite_url, PUBLIC_URL=PLAIN, UI_INSECURE_COOKIES="true")
    form = {"login": "root", "password": PASSWORD}
    client = built(company, settings).app.test_client()
    answer = client.post("/sign-in", base_url=PLAIN, headers={"Origin": PLAIN}, data=form)
    assert cookie_of(answer, "sid").startswith("sid=")
    assert "Secure" not in cookie_of(answer, "sid")


def test_a_theme_is_kept_in_a_cookie(ui: Ui) -> None:
    visitor = visitor_of(ui)
    answer = visitor.send("/preferences/theme", theme="dark", next="/explore")
    assert (answer.status_code, answer.location) == (303, "/explore")
    assert 'data-theme="dark"' in visitor.visit("/explore").text
    assert visitor.send("/preferences/theme", theme="pink").status_code == 400
