"""What sync does, in the browser: what runs, what failed and why, and what an admin decides."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from services.ui.tests.browsing import OpenTab, Site
from services.ui.tests.company import Company, ago
from services.ui.tests.fake_sync import deletion, difference, scan
from services.ui.tests.site_under_test import visitor_of
from services.ui.tests.test_accessibility import faults_of

from portus_ui.app import Ui

PLACES = ["/sync", "/sync/differences", "/sync/unreadable", "/deletions"]


def busy(company: Company) -> None:
    """Let everything have happened that the pages can show."""
    incomplete = scan("one", state="incomplete") | {"held": 30, "reason": "1 of 40 cannot be read"}
    incomplete["failures"] = [{"repository": "web/odd", "reason": "the registry answered 500"}]
    company.scans = [scan("two", cause="command", state="running", by="root"), incomplete]
    company.drift = [
        difference("t" * 128, "moved"),
        difference("new", "missing"),
        difference("gone", "gone", held_by="one"),
    ]
    company.deletions = [
        deletion("a", "failed"),
        deletion("b", "running", by="root", attempts=3, reason="the registry does not answer"),
        deletion("c", "done", tag="1.0"),
    ]
    raw = {"reason": "is no JSON", "raw": "<b>garbage" * 99, "times": 3}
    moments = {"received_at": ago(days=1), "last_received_at": ago(hours=1)}
    company.quarantine = [{"id": 1, **raw, **moments}]


def test_an_admin_sees_what_runs_and_what_could_not_be_read(ui: Ui, company: Company) -> None:
    busy(company)
    page = visitor_of(ui, "root").visit("/sync")
    for shown in (
        "Asked for by root",
        "Running",
        "12 of 40 repositories, 300 tags",
        "Done in part",
        "1 of 40 cannot be read",
        "1 repository could not be read",
        "the registry answered 500",
        "30 tags held back.",
        'hx-trigger="every 3s"',
    ):
        assert shown in page.text, shown
    part = visitor_of(ui, "root").visit("/sync", target="scans").text
    assert 'id="scans"' in part
    assert "<html" not in part


def test_an_admin_asks_for_a_scan_and_decides_what_was_held_back(ui: Ui, company: Company) -> None:
    busy(company)
    root = visitor_of(ui, "root")
    assert root.send("/sync/scans").headers["Location"] == "/sync"
    assert company.scans[0]["asked_by"] == "root"
    done = root.send("/sync/scans/one/approve")
    assert done.headers["Location"] == "/sync/differences?kind=gone"
    assert company.scans[-1]["held"] == 0
    assert "held back" not in root.visit("/sync").text


def test_differences_are_filtered_and_told_in_words(ui: Ui, company: Company) -> None:
    busy(company)
    root = visitor_of(ui, "root")
    page = root.visit("/sync/differences").text
    for shown in ("Points elsewhere", "Missing here", "Gone from the registry", "an admin decides"):
        assert shown in page
    assert 'action="/sync/scans/one/approve"' in page
    some = root.visit("/sync/differences?kind=missing").text
    assert "payments/<wbr>api:new" in some
    assert "api:gone" not in some
    assert "No difference is like that" in root.visit("/sync/differences?scan=other").text
    assert "No difference is like that" in root.visit("/sync/differences?after=nonsense").text


def test_a_failed_deletion_says_why_and_is_retried_by_an_admin(ui: Ui, company: Company) -> None:
    busy(company)
    root = visitor_of(ui, "root")
    page = root.visit("/deletions").text
    for shown in ("The registry does not delete", "the registry does not answer, tried 3 times"):
        assert shown in page
    assert page.count("/retry") == 1
    assert root.send("/deletions/a/retry").headers["Location"] == "/deletions"
    assert company.deletions[0]["status"] == "waiting"
    again = root.send("/deletions/a/retry")
    assert (again.status_code, "Only a deletion that has failed" in again.text) == (409, True)
    assert "No deletion is like that" in root.visit("/deletions?status=failed").text


def test_everybody_sees_their_own_deletions_only(ui: Ui, company: Company) -> None:
    busy(company)
    page = visitor_of(ui, "ines.moreau").visit("/deletions").text
    assert "Your deletions" in page
    assert "The registry does not delete" in page
    assert "does not answer" not in page
    assert "/retry" not in page
    assert "/sync" not in page


def test_lists_have_pages(ui: Ui, company: Company) -> None:
    company.deletions = [deletion(str(number), "failed") for number in range(60)]
    root = visitor_of(ui, "root")
    first = root.visit("/deletions?status=failed").text
    older = re.search(r'href="([^"]+)">Older', first)
    assert older
    second = root.visit(older[1].replace("&amp;", "&")).text
    assert 'href="/deletions?status=failed">Latest' in second


def test_empty_places_say_so(ui: Ui) -> None:
    root = visitor_of(ui, "root")
    said = [
        "No scan yet",
        "catalogue agree",
        "Everything could be read",
        "Nothing has been deleted",
    ]
    for path, text in zip(PLACES, said, strict=True):
        assert text in root.visit(path).text


def test_without_sync_the_pages_stay_and_say_so(ui: Ui, company: Company) -> None:
    company.away.add("sync")
    root = visitor_of(ui, "root")
    for path in PLACES:
        page = root.visit(path)
        assert (page.status_code, "Sync is not answering." in page.text) == (200, True), path
    assert root.visit("/r/base/python").status_code == 200
    refused = root.send("/sync/scans")
    assert (refused.status_code, "Nothing has been changed" in refused.text) == (503, True)


@pytest.mark.browser
def test_a_retried_deletion_ends_while_one_looks(site: Site, tab: OpenTab) -> None:
    site.company.deletions = [deletion("a", "failed")]
    root = tab()
    root.sign_in("root", at="/sign-in?next=/deletions")
    root.page.get_by_role("button", name="Retry").click()
    expect(root.page.locator("#deletions")).to_contain_text("Waiting")
    site.company.deletions[0]["status"] = "done"
    expect(root.page.locator("#deletions")).to_contain_text("Done", timeout=8000)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_accessible_and_do_not_scroll(site: Site, tab: OpenTab, width: int) -> None:
    busy(site.company)
    dark = "dark" if width == 390 else "light"
    root = tab(bypass_csp=True, viewport={"width": width, "height": 800}, color_scheme=dark)
    root.sign_in("root")
    for path in PLACES:
        assert faults_of(root, path) == [], path
        assert root.page.evaluate("document.documentElement.scrollWidth") <= width, path
    root.complaints.clear()
