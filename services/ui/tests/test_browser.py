"""What people do, in a real Chromium: live updates, keyboard, going back, no script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect
from services.ui.tests.browsing import OPENED, OpenTab, Site
from services.ui.tests.company import empty_company, image

pytestmark = pytest.mark.browser


def test_a_push_appears_on_the_open_repository_page(site: Site, tab: OpenTab) -> None:
    ines = tab()
    ines.sign_in(at="/sign-in?next=/r/payments/api")
    page = ines.page
    expect(page.locator(".live")).to_have_text("Live")
    expect(page.locator("#facts")).to_contain_text("13 tags")
    site.push("payments/api", "1.43.0", "1.43.0")
    expect(page.locator("#images tbody tr").first).to_contain_text("1.43.0", timeout=2000)
    expect(page.locator("#facts")).to_contain_text("14 tags")
    expect(page.locator("#pull")).to_contain_text("payments/api:1.43.0")
    expect(page.locator(".live")).to_have_text("Live")


def test_what_one_is_doing_survives_a_push(site: Site, tab: OpenTab) -> None:
    ines = tab()
    ines.sign_in(at=f"/sign-in?next=/r/payments/api?open={OPENED}")
    page = ines.page
    page.get_by_label("Filter by tag or digest").fill("1.42")
    expect(page.locator("#images tbody tr:not(.sub)")).to_have_count(2)
    expect(page.locator(".live")).to_have_text("Live")
    site.push("payments/api", "new", "1.42.1")
    expect(page.locator("#images tbody tr:not(.sub)")).to_have_count(3)
    expect(page.get_by_label("Filter by tag or digest")).to_have_value("1.42")
    expect(page.get_by_label("Filter by tag or digest")).to_be_focused()


def test_the_first_push_ends_the_waiting(site: Site, tab: OpenTab) -> None:
    nothing = empty_company()
    site.company.repositories, site.company.activities = nothing.repositories, nothing.activities
    ines = tab()
    ines.sign_in()
    page = ines.page
    expect(page.get_by_text("Waiting for your first push")).to_be_visible()
    expect(page.locator(".live")).to_have_text("Live")
    site.push("ines.moreau/hello", "first", "1.0")
    expect(page.get_by_text("Your first image has arrived")).to_be_visible(timeout=2000)
    expect(page.locator("#tally")).to_contain_text("1 repository")
    expect(page.locator("#connect")).to_be_visible()


def test_lists_and_feed_are_live_too(site: Site, tab: OpenTab) -> None:
    ines = tab()
    ines.sign_in()
    other = tab()
    other.sign_in(at="/sign-in?next=/n/web")
    for page in (ines.page, other.page):
        expect(page.locator(".live")).to_have_text("Live")
    site.push("web/checkout", "c", "2.0")
    expect(ines.page.locator("#feed li").first).to_contain_text("ci-new pushed web/checkout")
    expect(other.page.locator("#repositories")).to_contain_text("checkout")


def test_platforms_open_and_close_in_place(tab: OpenTab) -> None:
    ines = tab()
    ines.sign_in(at="/sign-in?next=/r/payments/api")
    page = ines.page
    opener = page.locator(f"#i-{OPENED} a.exp")
    opener.press("Enter")
    expect(page.locator("tr.sub")).to_have_count(2)
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(opener).to_be_focused()
    assert OPENED in page.url
    opener.click()
    expect(page.locator("tr.sub")).to_have_count(0)


def test_the_client_changes_the_pull_command(tab: OpenTab) -> None:
    anybody = tab()
    anybody.open("/r/base/python")
    anybody.page.get_by_label("Pull with").select_option("podman")
    expect(anybody.page.locator("#pull code")).to_contain_text("podman pull")
    expect(anybody.page.get_by_label("Pull with")).to_have_value("podman")


def test_copy_slash_escape_and_theme(tab: OpenTab) -> None:
    ines = tab(permissions=["clipboard-read", "clipboard-write"])
    ines.sign_in(at="/sign-in?next=/r/payments/api")
    page = ines.page
    page.get_by_role("button", name="Copy pull command", exact=True).click()
    expect(page.locator("#say")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "docker pull registry.tidewater.example/payments/api:1.42.0"
    page.keyboard.press("/")
    expect(page.get_by_label("Search repositories")).to_be_focused()
    menu = page.locator("summary", has_text="Account menu")
    menu.click()
    with page.expect_response("**/preferences/theme"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Dark")).to_be_hidden()
    expect(menu).to_be_focused()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_going_back_shows_the_page_before(tab: OpenTab) -> None:
    ines = tab()
    ines.sign_in(at="/sign-in?next=/n/payments")
    page = ines.page
    page.get_by_label("Filter repositories").fill("rec")
    expect(page.locator("#repositories tbody tr")).to_have_count(1)
    page.locator("#repositories").get_by_role("link", name="reconciler").click()
    expect(page.locator("h1")).to_have_text("payments/reconciler")
    page.go_back()
    expect(page.locator("h1")).to_have_text("payments")
    expect(page.locator("#repositories tbody tr")).to_have_count(1)


def test_an_injected_element_is_inert(site: Site, tab: OpenTab) -> None:
    """What carries no nonce is stripped of its htmx attributes, should escaping ever fail."""
    anybody = tab()
    asked: list[str] = []
    anybody.page.on("request", lambda request: asked.append(request.url))
    anybody.page.route(
        "**/r/base/python?f=inject",
        lambda route: route.fulfill(
            status=200,
            content_type="text/html",
            body='<div id="images"><b id="evil" hx-get="/stolen" hx-trigger="load">x</b></div>',
        ),
    )
    anybody.open("/r/base/python")
    anybody.page.get_by_label("Filter by tag or digest").fill("inject")
    expect(anybody.page.locator("#evil")).to_have_count(1)
    expect(anybody.page.locator("#evil[hx-get]")).to_have_count(0)
    assert not [url for url in asked if "stolen" in url]
    assert [line for line in anybody.complaints if "hx-csp" in line]
    anybody.complaints.clear()


def test_everything_works_without_a_script(tab: OpenTab) -> None:
    plain = tab(java_script_enabled=False)
    page = plain.page
    plain.sign_in(at="/sign-in?next=/r/payments/api")
    page.locator(f"#i-{OPENED} a.exp").click()
    expect(page.locator("tr.sub")).to_have_count(2)
    page.get_by_label("Filter by tag or digest").fill("stable")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#images tbody tr")).to_have_count(1)
    page.get_by_label("Pull with").select_option("crane")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#pull code")).to_contain_text("crane pull")
    expect(page.locator(".live")).to_be_hidden()
    page.get_by_label("Search repositories").fill("ledger")
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name="payments/ledger-worker").click()
    page.locator("summary", has_text="Account menu").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("summary", has_text="Account menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_contain_text("Sign in")


def test_signing_in_again_leads_back(site: Site, tab: OpenTab) -> None:
    ines = tab()
    ines.sign_in(at="/sign-in?next=/r/payments/api")
    ines.page.context.clear_cookies()
    site.company.sign_ins.clear()
    ines.open("/")
    expect(ines.page.locator("h1")).to_contain_text("Sign in")


def test_a_slow_network_does_not_keep_a_page_from_its_stream(site: Site, tab: OpenTab) -> None:
    anybody, held = tab(), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    anybody.page.route(re.compile("hx-sse"), hold)
    with anybody.page.expect_request(re.compile("hx-sse")):
        anybody.page.goto(f"{site.url}/r/base/python", wait_until="commit")
    anybody.page.wait_for_function("window.htmx")
    held.pop().continue_()
    expect(anybody.page.locator(".live")).to_have_text("Live")


def test_without_room_for_a_stream_the_page_says_so(tab: OpenTab) -> None:
    anybody = tab()
    anybody.page.route(re.compile("/updates"), lambda route: route.fulfill(status=503, body="{}"))
    anybody.open("/r/base/python")
    expect(anybody.page.locator(".live")).to_have_text("Live updates off")
    expect(anybody.page.locator("#images")).to_contain_text("3.13-slim")
    anybody.complaints.clear()


def test_a_stream_that_breaks_is_opened_again_and_what_was_missed_is_shown(
    site: Site, tab: OpenTab
) -> None:
    anybody = tab()
    anybody.open("/r/base/python")
    lamp = anybody.page.locator(".live")
    expect(lamp).to_have_text("Live")
    site.company.push("base/python", image("missed", seconds=1), ["missed"], "ci-base")
    site.end_streams()
    expect(anybody.page.locator("#images")).to_contain_text("missed")
    expect(lamp).to_have_text("Live")
