"""The pages of robots and of a token in a real browser: reachable, readable, used by keyboard."""

from __future__ import annotations

from typing import Any, Final

import pytest
from playwright.sync_api import expect
from services.ui.tests.browsing import OpenTab, Site
from services.ui.tests.fake_robots import SECRET, robot, token
from services.ui.tests.test_accessibility import faults_of

pytestmark = pytest.mark.browser

PAYMENTS: Final = "/n/payments/robots"
LOOKS: Final[list[dict[str, Any]]] = [
    {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    {"color_scheme": "dark", "viewport": {"width": 320, "height": 800}},
]


@pytest.mark.parametrize("look", LOOKS, ids=["wide", "narrow"])
def test_the_pages_are_accessible_and_do_not_scroll(
    site: Site, tab: OpenTab, look: dict[str, Any]
) -> None:
    long = "a" * 64
    permissions = ["payments/*:pull", f"payments/{long}/*:pull,push,delete"]
    site.company.robots = [robot(1, f"robot/payments/{long}", permissions)]
    site.company.robots[0]["tokens"].append({**token(2, "old"), "expired": True})
    site.company.tokens = [{**token(1, long), "scopes": ["payments/api:pull"]}]
    ines = tab(bypass_csp=True, **look)
    ines.sign_in()
    for path in (PAYMENTS, "/robots/1", "/robots/1/tokens/1", "/account/tokens/1"):
        assert faults_of(ines, path) == [], path
        wide = ines.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= look["viewport"]["width"], path


def test_a_robot_is_made_and_deleted_by_keyboard(site: Site, tab: OpenTab) -> None:
    ines = tab()
    ines.sign_in(at=f"/sign-in?next={PAYMENTS}")
    page = ines.page
    name = page.get_by_role("textbox", name="Name", exact=True)
    where = page.get_by_role("combobox", name="In", exact=True)
    expect(name).to_have_count(1)
    name.fill("ci")
    where.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(name.nth(1)).to_be_focused()
    page.keyboard.type("payments/api")
    page.keyboard.press("Enter")
    expect(page.get_by_text(SECRET)).to_be_visible()
    assert site.company.robots[0]["permissions"] == ["payments/api:pull,push"]
    page.locator("summary", has_text="Delete").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No robots yet")).to_be_visible()
