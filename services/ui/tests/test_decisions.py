"""Why was I denied? The page of decisions about token requests."""

from __future__ import annotations

from services.ui.tests.company import Company
from services.ui.tests.fake_decisions import decision
from services.ui.tests.site_under_test import visitor_of

from portus_ui.app import Ui

PAGE = "/account/decisions"


def _fill(company: Company) -> None:
    company.decisions = [
        decision(
            "ines.moreau",
            "web/storefront",
            "partial",
            granted=["pull"],
            because=["ines.moreau is viewer in the team web"],
            needed=["be an admin", "be contributor in the team web"],
            count=1200,
        ),
        decision("ines.moreau", "web/storefront", "failed", because=["The password is wrong"]),
        decision("stranger", "payments/api", "denied", needed=["There is no namespace 'payments'"]),
        decision("root", None, "granted", asked=["catalog"], granted=["catalog"]),
        decision(None, "payments/api", "denied", needed=["sign in"]),
    ]


def test_one_reads_why_and_what_it_would_take(ui: Ui, company: Company) -> None:
    _fill(company)
    page = visitor_of(ui, "ines.moreau").visit(PAGE).text
    for words in (
        "Partly granted",
        "asked to pull and push, may pull",
        "ines.moreau is viewer in the team web",
        "Any of these would do:",
        "Be contributor in the team web",
        "1,200 times",
        "Sign-in failed",
        "docker/27.1",
    ):
        assert words in page, words
    assert "payments/api" not in page
    assert 'name="user"' not in page


def test_an_account_that_was_never_denied_is_told_so(ui: Ui) -> None:
    page = visitor_of(ui, "ines.moreau").visit(PAGE).text
    assert "Nothing was denied" in page
    assert (
        "No request is like that" in visitor_of(ui, "stranger").visit(f"{PAGE}?outcome=failed").text
    )


def test_admins_see_their_own_first_and_everybody_on_demand(ui: Ui, company: Company) -> None:
    _fill(company)
    root = visitor_of(ui, "root")
    assert "List of all repositories" in root.visit(PAGE).text
    assert "web/" not in root.visit(PAGE).text
    everybody = root.visit(f"{PAGE}?user=&outcome=denied").text
    assert "anonymous" in everybody
    assert "stranger" in everybody
    assert "Partly granted</td>" not in everybody
    assert "anonymous" not in root.visit(f"{PAGE}?user=stranger").text


def test_nobody_else_can_ask_for_others(ui: Ui, company: Company) -> None:
    _fill(company)
    page = visitor_of(ui, "stranger").visit(f"{PAGE}?user=ines.moreau").text
    assert "There is no namespace" in page
    assert "What it takes" not in page
    assert "storefront" not in page


def test_older_ones_are_a_page_away(ui: Ui, company: Company) -> None:
    company.decisions = [decision("stranger", f"x/r{number:02}", "denied") for number in range(30)]
    stranger = visitor_of(ui, "stranger")
    first = stranger.visit(f"{PAGE}?outcome=denied").text
    assert "after=25" in first
    assert "outcome=denied" in first
    older = stranger.visit(f"{PAGE}?after=25").text
    assert "r29" in older
    assert "Latest</a>" in older
    assert stranger.visit(f"{PAGE}?after=nonsense").status_code == 200
