from __future__ import annotations

import re

import pytest
from services.ui.tests.company import Company
from services.ui.tests.site_under_test import visitor_of

from portus_ui.app import Ui

EVERYWHERE = [
    "/",
    "/sign-in",
    "/explore",
    "/n/base",
    "/r/nowhere",
    "/api/v1/_ping",
    "/api/x",
    "/no",
]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_headers(ui: Ui, path: str) -> None:
    headers = visitor_of(ui).visit(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"] == "clipboard-write=(self)"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-ID"]


def test_a_nonce_is_used_once_and_stamps_scripts_and_htmx(ui: Ui) -> None:
    visitor = visitor_of(ui)
    nonces = set()
    for _ in range(2):
        answer = visitor.visit("/r/base/python")
        (nonce,) = re.findall(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        scripts = re.findall(r"<script [^>]*>", answer.text)
        assert len(scripts) == 4
        assert all(f'nonce="{nonce}"' in script for script in scripts)
        assert set(re.findall(r'hx-nonce="([^"]+)"', answer.text)) == {nonce}
        nonces.add(nonce)
    assert len(nonces) == 2


def test_files_have_hashed_names_and_are_kept_for_ever(ui: Ui) -> None:
    visitor = visitor_of(ui)
    page = visitor.visit("/sign-in").text
    names = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)
    assert len(names) >= 7
    for name in names:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", name)
        answer = visitor.visit(name)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
    sheets = [visitor.visit(name).text for name in names if name.endswith(".css")]
    inner = [name for sheet in sheets for name in re.findall(r'url\("([^"]+)"\)', sheet)]
    assert inner
    assert {visitor.visit(name).status_code for name in inner} == {200}
    assert visitor.visit("/static/app.css").status_code == 404
    assert visitor.visit("/static/../config.py").status_code == 404


def test_a_failure_shows_a_reference_and_nothing_else(ui: Ui, company: Company) -> None:
    del company.namespaces[:]
    answer = visitor_of(ui).visit("/n/base", **{"X-Request-ID": "abc-123"})
    assert answer.status_code == 404
    assert "reference <code>abc-123</code>" in answer.text


def test_an_unexpected_error_is_a_page_with_a_reference(ui: Ui) -> None:
    @ui.app.get("/broken")
    def broken() -> str:
        raise RuntimeError("secret detail")

    answer = visitor_of(ui).visit("/broken")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Error 500, reference <code>" in answer.text


def test_a_wrong_method_is_a_page_that_says_which_are_right(ui: Ui) -> None:
    answer = visitor_of(ui).send("/explore")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_programs_get_problems_not_pages(ui: Ui) -> None:
    answer = visitor_of(ui).visit("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["message"]


@pytest.mark.parametrize("path", ["/explore", "/r/base/python"])
def test_catalog_being_away_is_said_and_what_still_works(
    ui: Ui, company: Company, path: str
) -> None:
    visitor = visitor_of(ui, "ines.moreau")
    company.away.add("catalog")
    answer = visitor.visit(path)
    assert answer.status_code == 503
    assert "The catalogue is not answering." in answer.text
    assert "Try again" in answer.text
    part = visitor.visit("/r/base/python", target="images")
    assert part.status_code == 503
    assert 'id="images"' in part.text
    assert "<html" not in part.text


@pytest.mark.parametrize("path", ["/", "/namespaces", "/n/payments"])
def test_pages_show_what_they_can_without_catalog(ui: Ui, company: Company, path: str) -> None:
    visitor = visitor_of(ui, "ines.moreau")
    company.away.add("catalog")
    answer = visitor.visit(path)
    assert answer.status_code == 200
    assert "The catalogue is not answering." in answer.text
    assert "payments" in answer.text


def test_auth_being_away_is_said(ui: Ui, company: Company) -> None:
    company.away.add("auth")
    answer = visitor_of(ui).visit("/explore")
    assert answer.status_code == 503
    assert "Sign-in and permissions are not answering" in answer.text


def test_after_five_failures_a_service_is_spared(ui: Ui, company: Company) -> None:
    visitor = visitor_of(ui, "ines.moreau")
    company.away.add("catalog")
    for _ in range(5):
        assert visitor.visit("/explore").status_code == 503
    company.away.clear()
    assert visitor.visit("/explore").status_code == 503
    assert visitor.visit("/namespaces").status_code == 200
