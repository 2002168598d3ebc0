"""What people without a session may do: make an account, ask for a letter, or look around."""

from __future__ import annotations

import pytest
from services.ui.tests.browsing import OpenTab, Site
from services.ui.tests.company import PASSWORD, Company
from services.ui.tests.site_under_test import built, cookie_of, settings_for, visitor_of

from portus_ui.app import Ui

EVE = {"username": "eve", "email": "eve@example.org", "password": PASSWORD}


def test_somebody_makes_an_account_and_is_signed_in(ui: Ui, company: Company) -> None:
    company.sign_up = True
    visitor = visitor_of(ui)
    assert 'href="/sign-up"' in visitor.visit("/sign-in").text
    assert "Create an account" in visitor.visit("/sign-up").text
    answer = visitor.send("/sign-up", **EVE)
    assert (answer.status_code, answer.location) == (303, "/")
    assert cookie_of(answer, "sid")
    assert company.users["eve"]["address"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [("root", 422, "has already been taken"), ("hasty", 429, "Try again in an hour")],
)
def test_an_account_that_is_refused_says_why_and_keeps_what_was_typed(
    ui: Ui, company: Company, name: str, status: int, said: str
) -> None:
    company.sign_up = True
    answer = visitor_of(ui).send("/sign-up", **{**EVE, "username": name})
    assert (answer.status_code, said in answer.text) == (status, True)
    assert f'value="{name}"' in answer.text
    assert PASSWORD not in answer.text


def test_without_sign_up_there_is_no_such_page(ui: Ui, company: Company) -> None:
    assert 'href="/sign-up"' not in visitor_of(ui).visit("/sign-in").text
    assert visitor_of(ui).send("/sign-up", **EVE).status_code == 404
    assert "eve" not in company.users


def test_a_letter_is_asked_for_with_the_address_of_the_browser(ui: Ui, company: Company) -> None:
    company.mail = True
    visitor = visitor_of(ui)
    assert 'href="/forgot"' in visitor.visit("/sign-in").text
    answer = visitor.send("/forgot", login=" ines.moreau ")
    assert answer.status_code == 200
    assert "an e-mail is on its way" in answer.text
    assert company.letters == [{"login": "ines.moreau", "address": "127.0.0.1"}]


def test_who_is_unknown_reads_the_same_page(ui: Ui, company: Company) -> None:
    company.mail = True
    pages = [visitor_of(ui).send("/forgot", login=who).text for who in ("root", "none")]
    assert "<b>root</b>" in pages[0]
    assert "If <b>none</b> has an account here" in pages[1]


@pytest.mark.parametrize(("login", "status"), [("", 422), ("hasty", 429)])
def test_a_letter_that_is_refused_says_why(
    ui: Ui, company: Company, login: str, status: int
) -> None:
    company.mail = True
    assert visitor_of(ui).send("/forgot", login=login).status_code == status


def test_without_mail_an_administrator_helps(ui: Ui) -> None:
    assert "Ask an administrator" in visitor_of(ui).visit("/forgot").text


def test_where_nobody_browses_without_an_account_the_door_comes_first(
    company: Company, database_url: str
) -> None:
    ui = built(company, settings_for(database_url, ANONYMOUS_BROWSING_ENABLED="false"))
    visitor = visitor_of(ui)
    assert visitor.visit("/explore").location == "/sign-in?next=%2Fexplore"
    assert "Browse public images" not in visitor.visit("/sign-in").text
    assert visitor.visit("/forgot").status_code == 200
    assert visitor_of(ui, "ines.moreau").visit("/explore").status_code == 200


@pytest.mark.browser
def test_the_pages_fit_small_screens_and_complain_of_nothing(site: Site, tab: OpenTab) -> None:
    site.company.sign_up = site.company.mail = True
    anybody = tab(viewport={"width": 390, "height": 844})
    for path in ("/forgot", "/sign-up"):
        anybody.open(path)
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not anybody.page.evaluate(wide), path
    anybody.page.get_by_label("Username").fill("eve")
    anybody.page.get_by_label("E-mail").fill("eve@example.org")
    anybody.page.get_by_label("Password").fill(PASSWORD)
    anybody.page.get_by_role("button", name="Create account and sign in").click()
    anybody.page.wait_for_url("**/")
