"""The composition root: every object of ui is built here, and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from portus_shared.bus import Bus, open_bus
from portus_shared.db import Database
from portus_shared.http import Client
from portus_shared.migrations import readiness
from portus_shared.web.app import create_app
from portus_shared.web.openapi import document
from portus_shared.worker import Loop
from portus_ui.clients.auth import Auth
from portus_ui.clients.catalog import Catalog
from portus_ui.clients.documents import Documents
from portus_ui.clients.health import Health
from portus_ui.clients.sync import Sync
from portus_ui.config import Settings
from portus_ui.consumers import Listener
from portus_ui.live.hub import Hub
from portus_ui.usecases.about import Abouts
from portus_ui.usecases.deleting import Deleting
from portus_ui.usecases.images import ImagePages
from portus_ui.usecases.pages import Pages
from portus_ui.usecases.robots import RobotPages
from portus_ui.usecases.seeing import Seeing
from portus_ui.usecases.teams import TeamPages
from portus_ui.usecases.together import Together
from portus_ui.usecases.viewers import Viewers
from portus_ui.views import (
    account,
    dashboard,
    decisions,
    deleting,
    deletions,
    door,
    ending,
    errors,
    explore,
    headers,
    images,
    meta,
    namespaces,
    preferences,
    repository,
    reset,
    robot_tokens,
    robots,
    settings,
    sign_up,
    sync,
    teams,
    token_changes,
    updates,
    users,
)
from portus_ui.views.assets import Assets
from portus_ui.views.cookies import Cookies
from portus_ui.views.deps import Deps
from portus_ui.views.forgery import Forgery
from portus_ui.views.render import THEMES, Renderer, Shell, prepare
from portus_ui.views.visitor import Visitors

SCHEMA = "ui"
MIGRATIONS = "portus_ui.migrations"
_VIEWS = (
    account,
    dashboard,
    decisions,
    deleting,
    deletions,
    ending,
    door,
    explore,
    images,
    meta,
    namespaces,
    preferences,
    repository,
    reset,
    robot_tokens,
    robots,
    settings,
    sign_up,
    sync,
    teams,
    token_changes,
    updates,
    users,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ui:
    """The running parts: the WSGI application, and the loop that must run beside it."""

    app: Flask
    loops: tuple[Loop, ...]
    hub: Hub
    database: Database
    together: Together

    def close(self) -> None:
        """End every open stream at once, so that the server can stop."""
        self.hub.close()
        self.together.close()


def build(
    settings: Settings,
    *,
    bus: Bus | None = None,
    clients: Mapping[str, Client] | None = None,
    database: Database | None = None,
) -> Ui:
    """Build ui; `clients` (auth, catalog, sync) replace sockets where services share a process."""
    database = database or Database(settings.database_url, schema=SCHEMA)
    services = _clients(settings) | dict(clients or {})
    together, ready = Together(), partial(readiness, database, MIGRATIONS)
    app = create_app("ui", ready=ready, static_folder=None)
    deps = _deps(app, settings, database, services, together)
    _install(app, deps)
    listening = _listening(
        bus or open_bus(settings.bus_url), deps.hub, deps.seeing, deps.viewers, database
    )
    return Ui(app=app, loops=(listening,), hub=deps.hub, database=database, together=together)


def _deps(
    app: Flask,
    settings: Settings,
    database: Database,
    services: Mapping[str, Client],
    together: Together,
) -> Deps:
    auth, catalog = Auth(services["auth"], settings.service_secret), Catalog(services["catalog"])
    sync_client = Sync(services["sync"])
    viewers, cookies = Viewers(auth), Cookies(insecure=settings.insecure_cookies)
    visitors, abouts = _visitors(settings, database, viewers, cookies), Abouts(auth)
    pages = Pages(auth, catalog, together)
    return Deps(
        settings=settings,
        auth=auth,
        sync=sync_client,
        health=Health(services, partial(readiness, database, MIGRATIONS)),
        documents=lambda: Documents(services, _document(app)),
        abouts=abouts,
        pages=pages,
        images=ImagePages(catalog, together),
        deleting=Deleting(catalog, sync_client),
        team_pages=TeamPages(auth.teams, together),
        robot_pages=RobotPages(auth.robots, pages, together),
        seeing=Seeing(auth, catalog),
        viewers=viewers,
        visitors=visitors,
        cookies=cookies,
        hub=Hub(settings.live_streams),
        renderer=Renderer(app.jinja_env, lambda: _shell(visitors, abouts, cookies)),
    )


def _visitors(
    settings: Settings, database: Database, viewers: Viewers, cookies: Cookies
) -> Visitors:
    return Visitors(database, viewers, cookies, anonymous=settings.anonymous_browsing)


def _clients(settings: Settings) -> dict[str, Client]:
    urls = {
        "auth": settings.auth_url,
        "catalog": settings.catalog_url,
        "sync": settings.sync_url,
    }
    return {name: Client(url) for name, url in urls.items()}


def _document(app: Flask) -> Mapping[str, Any]:
    return document(app, title="Portus", version=meta.VERSION)


def _install(app: Flask, deps: Deps) -> None:
    @app.before_request
    def remember_position() -> None:
        g.position = deps.hub.position()

    assets = Assets()
    # The last registered looks at a response first: headers come on top of everything.
    headers.install(app, https=deps.settings.public_url.startswith("https:"))
    forgery = Forgery(
        origin=deps.settings.public_url,
        secret=deps.settings.service_secret,
        cookies=deps.cookies,
    )
    forgery.install(app)
    deps.visitors.install(app)
    errors.install(app, deps)
    prepare(app.jinja_env, assets, forgery.token)
    app.register_blueprint(assets.blueprint())
    for view in _VIEWS:
        app.register_blueprint(view.blueprint(deps))
    if deps.settings.trusted_proxies:
        hops = deps.settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )


def _shell(visitors: Visitors, abouts: Abouts, cookies: Cookies) -> Shell:
    theme = cookies.read(request, preferences.COOKIE) or "auto"
    return Shell(
        viewer=visitors.known(),
        host=abouts.host(),
        version=meta.VERSION,
        theme=theme if theme in THEMES else "auto",
        path=request.full_path.rstrip("?") if request.method == "GET" else "/",
        position=g.get("position", ""),
    )


def _listening(bus: Bus, hub: Hub, seeing: Seeing, viewers: Viewers, database: Database) -> Loop:
    listener = Listener(hub, seeing, viewers, database)

    def run(stop: threading.Event) -> None:
        listener.run(bus, stop)

    return Loop(name="ui-listener", run=run)
