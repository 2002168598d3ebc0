"""ui built over the fake services, and a browser without a screen to look at it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from services.ui.tests.company import PASSWORD, Company
from services.ui.tests.fake_auth import SECRET, auth_app
from services.ui.tests.fake_catalog import catalog_app
from services.ui.tests.fake_sync import sync_app
from werkzeug.test import TestResponse

from portus_shared.bus import InProcessBus
from portus_shared.http import Client, WsgiAdapter
from portus_shared.migrations import migrate
from portus_ui.app import MIGRATIONS, Ui, build
from portus_ui.config import Settings, read

ORIGIN = "https://portus.example"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def settings_for(database_url: str, **more: str) -> Settings:
    environ = {
        "PORTUS_DATABASE_URL": database_url,
        "PORTUS_BUS_URL": "inprocess:",
        "PORTUS_PUBLIC_URL": ORIGIN,
        "PORTUS_SERVICE_SECRET": SECRET,
        "PORTUS_UI_THREADS": "400",
    }
    return read(environ | {f"PORTUS_{name}": value for name, value in more.items()})


def built(company: Company, settings: Settings, bus: InProcessBus | None = None) -> Ui:
    apps = {"auth": auth_app(company), "catalog": catalog_app(company), "sync": sync_app(company)}
    clients = {
        name: Client(f"http://{name}", transport=WsgiAdapter(app)) for name, app in apps.items()
    }
    ui = build(settings, bus=bus or InProcessBus(), clients=clients)
    migrate(ui.database, MIGRATIONS)
    return ui


@dataclass
class Visitor:
    """One browser; `visit` and `send` behave as one does on the public origin."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})

    def visit(self, path: str, target: str = "", **headers: str) -> TestResponse:
        """Open a page, or the fragment that replaces the element `target`."""
        asked = HTMX | {"HX-Target": f"div#{target}"} if target else {}
        return self.client.get(path, base_url=ORIGIN, headers={**self.headers, **asked, **headers})

    def send(self, path: str, /, **form: str) -> TestResponse:
        """Post a form of a page of ours."""
        return self.client.post(path, base_url=ORIGIN, headers=self.headers, data=form)

    def sign_in(self, name: str, password: str = PASSWORD, **form: str) -> TestResponse:
        return self.send("/sign-in", login=name, password=password, **form)


def visitor_of(ui: Ui, name: str | None = None) -> Visitor:
    """Return a browser of somebody; of nobody without a name."""
    visitor = Visitor(ui.app.test_client())
    if name:
        assert visitor.sign_in(name).status_code == 303
    return visitor


def cookie_of(response: TestResponse, name: str) -> str:
    """Return the whole Set-Cookie line of one cookie, or nothing."""
    lines = response.headers.getlist("Set-Cookie")
    return next((line for line in lines if re.match(rf"(__Host-)?{name}=", line)), "")
