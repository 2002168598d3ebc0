"""One's own account in the browser: tokens, what is signed in, the password."""

from datetime import UTC, datetime, timedelta

import pytest
from services.ui.tests.company import PASSWORD, Company, ago
from services.ui.tests.site_under_test import visitor_of

from portus_ui.app import Ui
from portus_ui.views.account_rows import browser_name, token_row
from portus_ui.views.formats import moment

TOKENS = "/account/tokens"
NEW = "a new password that is long"


@pytest.mark.parametrize("page", [TOKENS, "/account/sign-ins", "/account/password"])
def test_an_account_is_for_who_is_signed_in(ui: Ui, page: str) -> None:
    assert visitor_of(ui, "ines.moreau").visit(page).status_code == 200
    assert visitor_of(ui).visit(page).headers["Location"].startswith("/sign-in?next=")


def test_a_token_is_shown_once(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    made = ines.send(TOKENS, application="build", actions="pull", pattern="web/*", days="30")
    assert made.status_code == 201
    assert "ptk_abcd-the-secret" in made.text
    assert made.headers["Cache-Control"] == "no-store"
    again = ines.visit(TOKENS).text
    assert "ptk_abcd-the-secret" not in again
    assert "Pull everything in web" in again
    (token,) = company.tokens
    assert token["scopes"] == ["web/*:pull"]
    left = datetime.fromisoformat(token["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)


def test_a_token_for_everything_has_no_scopes(ui: Ui, company: Company) -> None:
    made = {"application": "mine", "actions": "*", "pattern": "*", "days": ""}
    visitor_of(ui, "ines.moreau").send(TOKENS, **made)
    (token,) = company.tokens
    assert "scopes" not in token
    assert "expires_at" not in token


def test_a_name_that_is_taken_is_said_at_the_field(ui: Ui) -> None:
    ines, given = visitor_of(ui, "ines.moreau"), {"application": "build", "actions": "pull"}
    assert ines.send(TOKENS, **given).status_code == 201
    again = ines.send(TOKENS, **given)
    assert (again.status_code, "has already been taken" in again.text) == (422, True)


def test_a_token_is_revoked(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    ines.send(TOKENS, application="build", actions="pull")
    assert ines.send(f"{TOKENS}/1/delete").headers["Location"] == TOKENS
    assert company.tokens == []


def test_a_token_is_renamed_ended_sooner_and_narrowed(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    ines.send(TOKENS, application="build", actions="pull,push", pattern="web/*", days="")
    page = ines.visit(f"{TOKENS}/1").text
    assert "As now: never" in page
    assert 'value="web"' in page
    same = {"application": "build", "days": "kept"}
    kept = {"may": "pull,push", "where": "below", "path": "web"}
    before = dict(company.tokens[0])
    assert ines.send(f"{TOKENS}/1", **same, **kept).headers["Location"] == f"{TOKENS}?saved=1"
    assert company.tokens == [before]
    narrower = {"may": "pull", "where": "one", "path": "web/storefront"}
    ines.send(f"{TOKENS}/1", application="shop", days="30", **narrower)
    (changed,) = company.tokens
    assert (changed["application"], changed["scopes"]) == ("shop", ["web/storefront:pull"])
    assert datetime.fromisoformat(changed["expires_at"]) > datetime.now(UTC) + timedelta(days=29)
    wider = ines.send(f"{TOKENS}/1", **same, may="pull,push,delete", where="all", path="")
    assert (wider.status_code, "is more than the token may do" in wider.text) == (422, True)
    assert ines.visit(f"{TOKENS}/9").status_code == 404


def test_a_token_without_limits_keeps_all_unless_some_are_chosen(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    ines.send(TOKENS, application="mine", actions="*", pattern="*", days="")
    form = {"application": "mine", "days": "kept", "where": "all", "path": ""}
    ines.send(f"{TOKENS}/1", **form, may="")
    assert "scopes" not in company.tokens[0]
    ines.send(f"{TOKENS}/1", **form, may="pull")
    assert company.tokens[0]["scopes"] == ["*:pull"]


def test_an_expired_token_says_so_and_is_only_removed(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    for name in ("old", "new"):
        ines.send(TOKENS, application=name, actions="pull")
    company.tokens[0] |= {"expired": True, "expires_at": ago(days=3)}
    page = ines.visit(TOKENS).text
    assert page.index(">new<") < page.index(">old<")
    assert "Expired" in page
    assert "3 days ago" in page
    assert f'href="{TOKENS}/1"' not in page
    assert "This token has expired" in ines.visit(f"{TOKENS}/1").text


def test_browsers_and_docker_clients_are_listed_and_signed_out(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    page = ines.visit("/account/sign-ins").text
    assert "Firefox on Linux" in page
    assert "with the token ci" in page
    ines.send("/account/browsers/0/end")
    ines.send("/account/docker-logins/7/end")
    assert company.ended == ["browser 0", "docker login 7"]


def test_signing_out_everywhere_ends_this_browser_too(ui: Ui) -> None:
    ines = visitor_of(ui, "ines.moreau")
    assert ines.send("/account/browsers/end").headers["Location"] == "/sign-in"
    assert ines.visit(TOKENS).headers["Location"].startswith("/sign-in")


def test_a_changed_password_signs_out(ui: Ui) -> None:
    ines = visitor_of(ui, "ines.moreau")
    form = {"current_password": PASSWORD, "password": NEW, "again": NEW}
    changed = ines.send("/account/password", **form)
    assert (changed.status_code, "Your password is changed" in changed.text) == (200, True)
    assert ines.visit(TOKENS).headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"current_password": "wrong", "password": NEW, "again": NEW}, "is wrong"),
        ({"current_password": PASSWORD, "password": NEW, "again": "x"}, "is not what you typed"),
    ],
    ids=["present", "again"],
)
def test_a_password_is_not_changed_by_mistake(ui: Ui, form: dict[str, str], said: str) -> None:
    answer = visitor_of(ui, "ines.moreau").send("/account/password", **form)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert NEW not in answer.text


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Safari/537.36", "Chrome on Android"),
        ("curl/8.1", "curl"),
        ("", "A browser"),
    ],
)
def test_browsers_have_names(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name


def test_a_token_says_what_it_can() -> None:
    token = {"id": 1, "application": "x", "scopes": ["*:pull,push", "a/b:*"], "expired": True}
    row = token_row(token, datetime.now(UTC))
    assert row.can == ("Pull and push everything", "Pull, push and delete a/b")
    assert row.expired


@pytest.mark.parametrize(
    ("ahead", "said"), [({"hours": -30}, "Tomorrow"), ({"days": -12}, "In 12 days")]
)
def test_what_is_to_come_is_told_in_days(ahead: dict[str, float], said: str) -> None:
    noon = datetime.now(UTC).replace(hour=1, minute=0)
    when = moment((noon - timedelta(**ahead)).isoformat(), noon)
    assert when is not None
    assert when.ago == said
    assert moment(ago(minutes=-5), datetime.now(UTC)).ago == "Just now"  # type: ignore[union-attr]
