"""Deleting namespaces, teams and accounts in the browser: what may stay, and who is asked."""

from __future__ import annotations

from services.ui.tests.company import Company
from services.ui.tests.site_under_test import visitor_of

from portus_ui.app import Ui


def test_a_namespace_goes_when_its_name_was_typed(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    assert 'href="/n/payments/delete"' in ines.visit("/n/payments/settings").text
    mistyped = ines.send("/n/payments/delete", sure="payment", fate="keep")
    assert mistyped.status_code == 422
    assert "Type payments exactly to delete it" in mistyped.text
    assert company.ended == []
    gone = ines.send("/n/payments/delete", sure="payments", fate="keep")
    assert (gone.status_code, gone.headers["Location"]) == (303, "/namespaces")
    assert company.ended == ["namespace payments keep_images=true"]
    assert ines.visit("/n/payments").status_code == 404


def test_nobody_is_offered_to_delete_their_personal_or_the_global_namespace(
    ui: Ui, company: Company
) -> None:
    root = visitor_of(ui, "root")
    (global_one,) = (each for each in company.namespaces if each["global"])
    assert "/delete" not in root.visit(f"/n/{global_one['name']}/settings").text
    assert root.visit(f"/n/{global_one['name']}/delete").status_code == 403
    company.namespaces[0]["personal"] = True
    own = company.namespaces[0]["name"]
    assert root.visit(f"/n/{own}/delete").status_code == 403


def test_a_team_hands_its_namespaces_over(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    assert "1 namespace and their images" in ines.visit("/teams/5/delete").text
    unnamed = ines.send("/teams/5/delete", sure="payments", fate="hand", new_team=" ")
    assert (unnamed.status_code, "Name the team" in unnamed.text) == (422, True)
    unknown = ines.send("/teams/5/delete", sure="payments", fate="hand", new_team="nobodys")
    assert (unknown.status_code, "in no team of this name" in unknown.text) == (422, True)
    assert 'value="nobodys"' in unknown.text
    unchosen = ines.send("/teams/5/delete", sure="payments", fate="delete", new_team="platform")
    assert (unchosen.status_code, "or leave it empty" in unchosen.text) == (422, True)
    assert "Choose what becomes" in ines.send("/teams/5/delete", sure="payments").text
    assert company.ended == []
    company.teams.append({**company.teams[0], "id": 6, "name": "platform"})
    gone = ines.send("/teams/5/delete", sure="payments", fate="hand", new_team="platform")
    assert (gone.status_code, gone.headers["Location"]) == (303, "/teams")
    assert company.ended == ["team payments new_team=platform"]


def test_an_account_goes_unless_a_team_would_be_without_owner(ui: Ui, company: Company) -> None:
    root = visitor_of(ui, "root")
    ines, stranger = (company.users[name]["id"] for name in ("ines.moreau", "stranger"))
    refused = root.send(f"/users/{ines}/delete", sure="ines.moreau", fate="delete")
    assert (refused.status_code, "only owner of: payments" in refused.text) == (409, True)
    assert root.send(f"/users/{stranger}/delete", sure="stranger", fate="delete").status_code == 303
    assert company.ended == ["user stranger"]
