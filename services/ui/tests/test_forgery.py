from __future__ import annotations

import re
from itertools import product

import pytest
from services.ui.tests.company import PASSWORD
from services.ui.tests.site_under_test import ORIGIN, Visitor, cookie_of

from portus_ui.app import Ui
from portus_ui.domain.forgery import Provenance, is_forged

OWN = "https://portus.example"
SITES = [None, "same-origin", "none", "same-site", "cross-site", "nonsense"]
ORIGINS = [None, OWN, "https://portus.example:8443", "https://evil.example", "null"]


def forged(**more: object) -> bool:
    given = {"method": "POST", "fetch_site": None, "origin": None, "proved": False} | more
    return is_forged(Provenance(**given), OWN)  # type: ignore[arg-type]


@pytest.mark.parametrize(("site", "origin", "proved"), list(product(SITES, ORIGINS, [True, False])))
def test_the_matrix(site: str | None, origin: str | None, proved: bool) -> None:
    if site is not None:
        allowed = site in {"same-origin", "none"}
    elif origin is not None:
        allowed = origin == OWN
    else:
        allowed = proved
    assert forged(fetch_site=site, origin=origin, proved=proved) is not allowed


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_never_forged(method: str) -> None:
    assert not forged(method=method, fetch_site="cross-site")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_change_is_checked(method: str) -> None:
    assert forged(method=method, fetch_site="cross-site")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/setup", "/preferences/theme"])
def test_another_site_cannot_post_a_form(ui: Ui, path: str) -> None:
    stranger = Visitor(ui.app.test_client(), {"Sec-Fetch-Site": "cross-site"})
    answer = stranger.send(path, login="ines.moreau", password=PASSWORD, theme="dark")
    assert answer.status_code == 403
    assert not cookie_of(answer, "sid")
    assert not cookie_of(answer, "theme")


def test_an_old_client_signs_in_with_the_form_token(ui: Ui) -> None:
    old = Visitor(ui.app.test_client(), {})
    page = old.visit("/sign-in").text
    token = re.findall(r'name="form_token" value="([0-9a-f]+)"', page)[0]
    assert old.sign_in("ines.moreau").status_code == 403
    assert old.sign_in("ines.moreau", form_token="0" * 64).status_code == 403
    assert old.sign_in("ines.moreau", form_token=token).status_code == 303


def test_an_old_client_signs_in_with_its_origin(ui: Ui) -> None:
    assert Visitor(ui.app.test_client(), {"Origin": ORIGIN}).sign_in("root").status_code == 303
    other = Visitor(ui.app.test_client(), {"Origin": "https://evil.example"})
    assert other.sign_in("root").status_code == 403


@pytest.mark.parametrize(("path", "status"), [("/api/v1/vulnerabilities", 404), ("/explore", 405)])
def test_what_is_not_there_is_no_forgery(ui: Ui, path: str, status: int) -> None:
    """A script that posts to a wrong address is told so, not that another site made the request."""
    script = ui.app.test_client()
    assert script.post(path).status_code == status
