"""Every page by axe's rules, in both themes, wide and narrow; and none scrolls sideways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from services.ui.tests.browsing import OPENED, OpenTab, Site, Tab
from services.ui.tests.company import empty_company, image, sha

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor/axe-core-4.14.1/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = ["/", "/namespaces", "/n/payments", "/n/ines.moreau", "/explore?q=pay", "/n/nowhere"]
PAGES += [
    "/account/tokens",
    "/account/sign-ins",
    "/account/decisions",
    "/account/password",
    "/teams",
    "/teams/5",
    "/teams/5/settings",
    "/teams/5/delete",
    f"/r/payments/api?open={OPENED}",
    "/r/payments/api?f=9.9",
    "/r/payments/api:latest",
    "/delete/payments/api",
    f"/delete/payments/api?digest={sha('1.42.0')}",
]

ADMIN_PAGES = ["/users", "/users/2", "/users/2/delete", "/sync", "/sync/differences"]
ADMIN_PAGES += ["/sync/unreadable", "/deletions"]


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_page_scrolls_sideways(tab: OpenTab, width: int) -> None:
    ines = tab(viewport={"width": width, "height": 800})
    ines.sign_in()
    for path in [*PAGES, "/sign-in"]:
        ines.open(path)
        wide = ines.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path
    ines.complaints.clear()


@pytest.mark.parametrize(
    "path", ["/", "/explore", "/n/payments", "/namespaces", "/r/{name}", "/r/{name}:{tag}"]
)
def test_the_longest_names_do_not_make_a_page_scroll(site: Site, tab: OpenTab, path: str) -> None:
    name = "payments/" + "a" * 246
    site.company.push(name, image("long"), ["t" * 128], by="ines.moreau")
    ines = tab(viewport={"width": 390, "height": 800})
    ines.sign_in()
    ines.open(path.format(name=name, tag="t" * 128))
    assert ines.page.evaluate("document.documentElement.scrollWidth") <= 390
    ines.complaints.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_accessible(tab: OpenTab, scheme: Any, width: int) -> None:
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    anybody, ines = tab(bypass_csp=True, **look), tab(bypass_csp=True, **look)
    ines.sign_in()
    found = [(path, faults_of(ines, path)) for path in PAGES]
    found += [
        (path, faults_of(anybody, path)) for path in ("/sign-in?ended=1", "/explore", "/reset")
    ]
    assert [entry for entry in found if entry[1]] == []
    ines.complaints.clear()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_pages_of_admins_are_accessible(tab: OpenTab, scheme: Any, width: int) -> None:
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    root = tab(bypass_csp=True, **look)
    root.sign_in("root")
    assert [(path, faults) for path in ADMIN_PAGES if (faults := faults_of(root, path))] == []
    assert root.page.evaluate("document.documentElement.scrollWidth") <= width
    root.complaints.clear()


def test_the_doors_and_empty_pages_are_accessible(site: Site, tab: OpenTab) -> None:
    nothing = empty_company()
    site.company.repositories, site.company.activities = nothing.repositories, nothing.activities
    ines, anybody = tab(bypass_csp=True), tab(bypass_csp=True)
    ines.sign_in()
    assert faults_of(ines, "/") == []
    assert faults_of(ines, "/explore") == []
    site.company.away.add("catalog")
    assert faults_of(ines, "/") == []
    assert faults_of(ines, "/n/payments") == []
    ines.complaints.clear()
    assert faults_of(anybody, "/n/payments") == []
    anybody.complaints.clear()


def faults_of(opened: Tab, path: str) -> list[str]:
    """Return what axe finds on a page, one line a fault."""
    opened.open(path)
    opened.page.add_script_tag(path=AXE)
    script = "rules => axe.run(document, {runOnly: rules}).then(result => result.violations)"
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in opened.page.evaluate(script, RULES)
        for node in fault["nodes"]
    ]
