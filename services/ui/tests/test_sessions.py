from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from services.ui.tests.company import Company
from services.ui.tests.site_under_test import cookie_of, visitor_of

from portus_shared.clock import now
from portus_shared.db import Database
from portus_shared.migrations import downgrade, drift, migrate
from portus_ui.app import MIGRATIONS, SCHEMA, Ui
from portus_ui.domain.lifetimes import Lifetime, end_of
from portus_ui.domain.viewer import SignIn
from portus_ui.storage.tables import Base, BrowserSession
from portus_ui.usecases.sessions import close_session, find_session, open_session

FAR = timedelta(days=90)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url, schema=SCHEMA)
    migrate(made, MIGRATIONS)
    yield made
    made.close()


def test_migrations_make_the_tables_and_take_them_back(database: Database) -> None:
    assert not drift(database, Base.metadata)
    downgrade(database, MIGRATIONS, "base")
    migrate(database, MIGRATIONS)
    assert not drift(database, Base.metadata)


def test_a_cookie_finds_its_session_and_is_not_stored(database: Database) -> None:
    sign_in = SignIn(handle="h1", username="ines", expires_at=now() + FAR)
    with database.write() as session:
        cookie = open_session(session, sign_in, remembered=False, moment=now())
    with database.read() as session:
        kept = session.query(BrowserSession).one()
        assert cookie not in (kept.cookie_hash, kept.handle)
        known = find_session(session, cookie, now())
        assert known is not None
        assert (known.handle, known.username) == ("h1", "ines")
        assert find_session(session, cookie[:-1], now()) is None


def test_a_closed_session_is_gone_and_expired_ones_are_swept(database: Database) -> None:
    sign_in = SignIn(handle="h1", username="ines", expires_at=now() + FAR)
    with database.write() as session:
        open_session(session, sign_in, remembered=False, moment=now() - timedelta(days=20))
        cookie = open_session(session, sign_in, remembered=False, moment=now())
    with database.write() as session:
        assert session.query(BrowserSession).count() == 1
        assert close_session(session, cookie) == "h1"
        assert close_session(session, cookie) is None


@pytest.mark.parametrize(
    ("idle", "age", "remembered", "over"),
    [
        ({"minutes": 29}, {"hours": 1}, False, False),
        ({"minutes": 31}, {"hours": 1}, False, True),
        ({"minutes": 1}, {"hours": 12}, False, True),
        ({"days": 3}, {"days": 13}, True, False),
        ({"minutes": 1}, {"days": 14}, True, True),
    ],
)
def test_a_session_ends_by_idleness_and_by_age(
    idle: dict[str, int], age: dict[str, int], remembered: bool, over: bool
) -> None:
    moment = now()
    started = moment - timedelta(**age)
    lifetime = Lifetime(
        seen_at=moment - timedelta(**idle),
        expires_at=end_of(started, remembered=remembered),
        remembered=remembered,
    )
    assert lifetime.is_over(moment) is over


def test_signing_in_gives_a_fresh_locked_cookie_each_time(ui: Ui, company: Company) -> None:
    visitor = visitor_of(ui)
    first = cookie_of(visitor.sign_in("ines.moreau"), "sid")
    second = cookie_of(visitor.sign_in("root"), "sid")
    assert first.startswith("__Host-sid=")
    for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert attribute in first
    assert "Domain" not in first
    assert first.partition(";")[0] != second.partition(";")[0]
    assert list(company.sign_ins.values()) == ["root"], "the first sign-in was revoked"


def test_a_remembered_browser_keeps_its_cookie_for_fourteen_days(ui: Ui) -> None:
    visitor = visitor_of(ui)
    assert "Max-Age" not in cookie_of(visitor.sign_in("root"), "sid")
    assert "Max-Age=1209600" in cookie_of(visitor.sign_in("root", remember="1"), "sid")


def test_signing_out_ends_the_session_everywhere(ui: Ui, company: Company) -> None:
    visitor = visitor_of(ui, "ines.moreau")
    answer = visitor.send("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "Max-Age=0" in cookie_of(answer, "sid")
    assert not company.sign_ins
    assert visitor.visit("/").location == "/sign-in"


def test_a_session_revoked_at_auth_leads_to_the_door_and_back(ui: Ui, company: Company) -> None:
    visitor = visitor_of(ui, "ines.moreau")
    company.sign_ins.clear()
    answer = visitor.visit("/r/payments/api?f=1.4")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=%2Fr%2Fpayments%2Fapi%3Ff%3D1.4&ended=1"
    assert "Max-Age=0" in cookie_of(answer, "sid")
    assert "Your session has ended" in visitor.visit(answer.location).text


def test_htmx_is_told_to_go_to_the_door_instead_of_being_fed_it(ui: Ui, company: Company) -> None:
    visitor = visitor_of(ui, "ines.moreau")
    company.sign_ins.clear()
    here = {"HX-Current-URL": "https://portus.example/r/payments/api?open=1"}
    answer = visitor.visit("/r/payments/api", target="images", **here)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=%2Fr%2Fpayments%2Fapi%3Fopen")
    assert not answer.data
