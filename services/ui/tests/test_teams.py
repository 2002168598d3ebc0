"""Teams in the browser: who sees them, who changes them, and what is said when that fails."""

from services.ui.tests.company import Company
from services.ui.tests.site_under_test import visitor_of

from portus_ui.app import Ui

PAYMENTS = "/teams/5"


def test_members_see_their_teams_and_strangers_do_not(ui: Ui) -> None:
    ines, stranger, nobody = (visitor_of(ui, name) for name in ("ines.moreau", "stranger", None))
    assert "payments" in ines.visit("/teams").text
    assert "Ines Moreau" in ines.visit(PAYMENTS).text
    assert "You are in no team yet" in stranger.visit("/teams").text
    assert stranger.visit(PAYMENTS).status_code == 404
    assert nobody.visit("/teams").headers["Location"] == "/sign-in?next=%2Fteams"


def test_who_makes_a_team_is_taken_to_it(ui: Ui) -> None:
    stranger = visitor_of(ui, "stranger")
    made = stranger.send("/teams", name="crew", description="We")
    assert made.status_code == 303
    page = stranger.visit(made.headers["Location"]).text
    assert "crew" in page
    assert "Add a member" in page


def test_a_name_that_is_taken_is_said_at_the_field(ui: Ui) -> None:
    answer = visitor_of(ui, "stranger").send("/teams", name="payments", description="")
    assert answer.status_code == 422
    assert "has already been taken" in answer.text
    assert 'value="payments"' in answer.text


def test_an_owner_takes_somebody_in(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    added = ines.send(f"{PAYMENTS}/members", user="stranger", role="contributor")
    assert added.status_code == 303
    assert (
        "stranger is now in payments, as <b>Contributor</b>"
        in ines.visit(added.headers["Location"]).text
    )
    assert company.teams[0]["members"][-1]["role"] == "contributor"


def test_a_note_names_members_only(ui: Ui) -> None:
    page = visitor_of(ui, "ines.moreau").visit(f"{PAYMENTS}?new=the+whole+world").text
    assert "the whole world" not in page


def test_an_unknown_person_is_said_at_the_field(ui: Ui) -> None:
    ines = visitor_of(ui, "ines.moreau")
    answer = ines.send(f"{PAYMENTS}/members", user="nobody", role="viewer")
    assert answer.status_code == 422
    assert "Nobody here has this username." in answer.text
    again = ines.send(f"{PAYMENTS}/members", user="ines.moreau", role="viewer")
    assert "has already been taken" in again.text


def test_a_role_is_changed(ui: Ui, company: Company) -> None:
    answer = visitor_of(ui, "ines.moreau").send(f"{PAYMENTS}/members/51", role="contributor")
    assert answer.headers["Location"] == PAYMENTS
    assert company.teams[0]["members"][1]["role"] == "contributor"


def test_the_only_owner_stays_and_is_told_why(ui: Ui) -> None:
    ines = visitor_of(ui, "ines.moreau")
    for path in ("members/50", "members/50/remove"):
        answer = ines.send(f"{PAYMENTS}/{path}", role="viewer")
        assert answer.status_code == 409
        assert "Cannot remove the only owner of the team" in answer.text


def test_a_member_is_removed(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    assert ines.send(f"{PAYMENTS}/members/51/remove").headers["Location"] == PAYMENTS
    assert [member["username"] for member in company.teams[0]["members"]] == ["ines.moreau"]


def test_who_leaves_a_team_is_taken_back_to_the_list(ui: Ui, company: Company) -> None:
    member = {"id": 59, "username": "stranger", "enabled": True, "role": "viewer"}
    company.teams[0]["members"].append({**member, "display_name": None})
    stranger = visitor_of(ui, "stranger")
    assert "Add a member" not in stranger.visit(PAYMENTS).text
    assert stranger.send(f"{PAYMENTS}/members/59/remove").headers["Location"] == "/teams"


def test_a_namespace_is_made_for_the_team(ui: Ui) -> None:
    ines = visitor_of(ui, "ines.moreau")
    wrong = ines.send(f"{PAYMENTS}/namespaces", name="Ledger")
    assert (wrong.status_code, "is not a name that Docker knows" in wrong.text) == (422, True)
    made = ines.send(f"{PAYMENTS}/namespaces", name="ledger")
    assert made.headers["Location"] == "/n/ledger"
    assert ines.visit("/n/ledger").status_code == 200


def test_an_owner_changes_the_visibility(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    assert ines.send("/n/payments/visibility", visibility="public").status_code == 303
    assert next(n for n in company.namespaces if n["name"] == "payments")["visibility"] == "public"
    wrong = ines.send("/n/payments/visibility", visibility="odd")
    assert (wrong.status_code, "unknown visibility kind" in wrong.text) == (422, True)


def test_others_do_not_change_the_visibility(ui: Ui) -> None:
    ines, stranger = visitor_of(ui, "ines.moreau"), visitor_of(ui, "stranger")
    assert "/visibility" not in ines.visit("/n/base").text
    assert ines.send("/n/base/visibility", visibility="private").status_code == 403
    assert stranger.send("/n/payments/visibility", visibility="public").status_code == 404
