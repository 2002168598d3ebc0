"""ui behind a real address, and tabs of a real Chromium that fail when it complains."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from services.ui.tests.company import PASSWORD, Company, image, sha
from services.ui.tests.site_under_test import built, settings_for

from portus_shared.bus import InProcessBus, message_of
from portus_shared.contracts.catalog import RepositoryChanged
from portus_shared.testing.servers import serve
from portus_shared.testing.waiting import free_port

OPENED = sha("1.42.0")[7:19]
"""How the newest image of payments/api is named in addresses."""
WATCH = """document.addEventListener('securitypolicyviolation', event =>
  console.error('violation: ' + event.violatedDirective + ' ' + event.blockedURI))"""


@dataclass
class Site:
    """ui at `url` over a company, and the bus its pages listen to."""

    url: str
    company: Company
    bus: InProcessBus
    end_streams: Callable[[], None]

    def push(self, repository: str, seed: str, *tags: str) -> None:
        """Let an image arrive, as catalog would tell."""
        self.company.push(repository, image(seed, seconds=1), list(tags), "ci-new")
        self.hint(repository, "pushed")

    def finish_deletions(self, repository: str) -> None:
        """Let all that is being deleted be gone, as catalog would tell."""
        for entry in list(self.company.repositories):
            entry["images"] = [item for item in entry["images"] if not item.get("deleting")]
            if entry.get("deleting"):
                self.company.repositories.remove(entry)
        self.hint(repository, "deleted")

    def hint(self, repository: str, change: str) -> None:
        """Tell the open pages that a repository looks different now."""
        namespace = repository.partition("/")[0]
        event = RepositoryChanged(
            registry="default", repository=repository, namespace=namespace, change=change
        )
        self.bus.publish([message_of(event, source="catalog")])


@contextmanager
def site_of(company: Company, database_url: str) -> Iterator[Site]:
    bus, stop, port = InProcessBus(), threading.Event(), free_port()
    url = f"http://127.0.0.1:{port}"
    ui = built(company, settings_for(database_url, PUBLIC_URL=url), bus)
    (loop,) = ui.loops
    threading.Thread(target=loop.run, args=(stop,), daemon=True).start()
    with serve(ui.app, port):
        yield Site(url, company, bus, ui.hub.end_all)
        stop.set()
        ui.close()
    ui.database.close()


@dataclass
class Tab:
    """One page that fails the test when the browser complains."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)

    def sign_in(self, name: str = "ines.moreau", at: str = "/sign-in") -> None:
        self.open(at)
        self.page.get_by_label("Username or e-mail").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()


OpenTab = Callable[..., Tab]


@contextmanager
def tabs_of(site: Site, chromium: Browser) -> Iterator[OpenTab]:
    contexts: list[BrowserContext] = []
    tabs: list[Tab] = []

    def open_tab(**options: Any) -> Tab:
        context = chromium.new_context(**options)
        contexts.append(context)
        made = Tab(context.new_page(), site.url)
        tabs.append(made)
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        made.page.on(
            "console",
            lambda line: made.complaints.append(line.text) if line.type == "error" else None,
        )
        if options.get("java_script_enabled", True):
            context.add_init_script(WATCH)
        return made

    yield open_tab
    for context in contexts:
        context.close()
    for opened in tabs:
        assert opened.complaints == []
