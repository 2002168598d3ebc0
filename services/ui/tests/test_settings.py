"""Settings of namespaces and teams in the browser."""

from __future__ import annotations

from services.ui.tests.company import Company
from services.ui.tests.site_under_test import visitor_of

from portus_ui.app import Ui


def test_an_owner_describes_a_namespace(ui: Ui) -> None:
    ines = visitor_of(ui, "ines.moreau")
    assert 'href="/n/payments/settings"' in ines.visit("/n/payments").text
    saved = ines.send("/n/payments/settings", description="What we sell", team="payments")
    assert (saved.status_code, saved.headers["Location"]) == (303, "/n/payments")
    assert "What we sell" in ines.visit("/n/payments").text


def test_a_team_that_does_not_exist_takes_nothing_over(ui: Ui) -> None:
    ines = visitor_of(ui, "ines.moreau")
    answer = ines.send("/n/payments/settings", description="", team="nobodys")
    assert (answer.status_code, "There is no team of this name" in answer.text) == (422, True)
    assert 'value="nobodys"' in answer.text


def test_a_personal_namespace_belongs_to_no_team_to_choose(ui: Ui, company: Company) -> None:
    company.namespaces[0]["personal"] = True
    page = visitor_of(ui, "root").visit(f"/n/{company.namespaces[0]['name']}/settings").text
    assert 'name="description"' in page
    assert 'name="team"' not in page


def test_a_team_is_renamed_unless_the_name_is_taken(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    company.teams.append({**company.teams[0], "id": 6, "name": "platform"})
    taken = ines.send("/teams/5/settings", name="platform", description="")
    assert (taken.status_code, "has already been taken" in taken.text) == (422, True)
    assert ines.send("/teams/5/settings", name="money", description="Ours").status_code == 303
    assert "money" in ines.visit("/teams/5").text
