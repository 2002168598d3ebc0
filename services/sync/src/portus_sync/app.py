"""The composition root of sync's HTTP side."""

from functools import partial

from flask import Flask

from portus_shared.bell import bell_for
from portus_shared.clock import Stamps
from portus_shared.db import Database
from portus_shared.http import Client
from portus_shared.keys import FileVerifier
from portus_shared.migrations import readiness
from portus_shared.web.app import create_app
from portus_shared.web.openapi import serve_document
from portus_shared.web.principals import Exchange, PrincipalResolver
from portus_sync.config import SCHEMA, Settings
from portus_sync.routes import deletions, drift, quarantine, scans, webhook
from portus_sync.routes.intake import Intake
from portus_sync.usecases.receive import Reception

MIGRATIONS = "portus_sync.migrations"


def open_database(settings: Settings) -> Database:
    """Open sync's database; its bell wakes the relay of the worker process."""
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
    reception = Reception(stamps=Stamps(), default_registry=settings.registry_name)
    deps = webhook.WebhookDeps(intake=Intake(store, reception), secret=settings.webhook_secret)
    app.register_blueprint(webhook.blueprint(deps))
    app.register_blueprint(scans.blueprint(store, principals))
    app.register_blueprint(quarantine.blueprint(store, principals))
    app.register_blueprint(deletions.blueprint(store, principals))
    app.register_blueprint(drift.blueprint(store, principals))
    serve_document(app, title="Portus sync", version="1")
    return app
