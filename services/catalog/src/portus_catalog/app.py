"""The composition root of the catalogue's HTTP side."""

from __future__ import annotations

from functools import partial
from typing import Final

from flask import Flask

from portus_catalog.config import SCHEMA, Settings
from portus_catalog.routes import activities, history, images, orphans, repositories, tags
from portus_catalog.routes.edge import Deps
from portus_shared.bell import bell_for
from portus_shared.db import Database
from portus_shared.http import Client
from portus_shared.keys import FileVerifier
from portus_shared.migrations import readiness
from portus_shared.web.app import create_app
from portus_shared.web.openapi import serve_document
from portus_shared.web.principals import Exchange, PrincipalResolver

MIGRATIONS: Final = "portus_catalog.migrations"


def open_database(settings: Settings) -> Database:
    """Open the catalogue's database; its bell wakes the relay of the worker process."""
    service = settings.service
    return Database(service.database_url, schema=SCHEMA, bell=bell_for(SCHEMA, service.bell_dir))


def build(
    settings: Settings, *, database: Database | None = None, auth: Client | None = None
) -> Flask:
    """Make the application; one process for all services gives its own `database` and `auth`."""
    store = database or open_database(settings)
    service = settings.service
    exchange = Exchange(auth or Client(service.auth_url), SCHEMA, service.service_secret)
    principals = PrincipalResolver(FileVerifier(service.ca_cert_file), exchange)
    ready = partial(readiness, store, MIGRATIONS)
    app = create_app(SCHEMA, ready=ready, trusted_proxies=settings.trusted_proxies)
    deps = Deps(database=store, principals=principals)
    for module in (repositories, orphans, images, tags, history, activities):
        app.register_blueprint(module.blueprint(deps))
    serve_document(app, title="Portus catalog", version="1")
    return app
