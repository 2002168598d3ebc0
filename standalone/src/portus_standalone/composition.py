"""Build the four services in one process, as their own composition roots would apart.

They differ from separate processes in three things only: events go through the bus inside the
process (unless a broker was asked for), requests between services take no socket, and each
service's loops run beside its application.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from wsgiref.types import WSGIApplication

import portus_auth.app
import portus_auth.config
import portus_auth.worker
import portus_catalog.app
import portus_catalog.config
import portus_catalog.worker
import portus_sync.app
import portus_sync.config
import portus_sync.worker
import portus_ui.app
import portus_ui.config
from portus_shared.bus import Bus, open_bus
from portus_shared.db import Database
from portus_shared.http import Client, WsgiAdapter
from portus_shared.migrations import migrate
from portus_shared.worker import Loop, Supervisor
from portus_standalone.environs import service_environs
from portus_standalone.options import Options
from portus_standalone.state import Secrets, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The four applications by name, and everything that runs beside them."""

    applications: Mapping[str, WSGIApplication]
    loops: Supervisor
    bus: Bus
    auth: portus_auth.app.Auth
    ui: portus_ui.app.Ui
    databases: Sequence[Database]

    def end_streams(self) -> None:
        """End the open pages' live streams, so that their threads are free to go."""
        self.ui.close()

    def stop(self, timeout_s: float) -> None:
        """Stop the loops and close what they used."""
        self.loops.stop(timeout_s)
        self.bus.close()
        self.auth.close()
        for database in self.databases:
            database.close()


def compose(options: Options, state: State, secrets: Secrets) -> Services:
    """Migrate the databases, build all services and start their loops."""
    environs = service_environs(options, state, secrets)
    bus = open_bus(options.bus or "inprocess:")
    auth_app, auth_loops = _auth(environs["auth"], bus)
    auth = _client("auth", auth_app)
    sync_app, sync_database, sync_loops = _sync(environs["sync"], bus, auth)
    catalog_app, catalog_database, catalog_loops = _catalog(environs["catalog"], bus, auth)
    clients = {
        "auth": auth,
        "catalog": _client("catalog", catalog_app),
        "sync": _client("sync", sync_app),
    }
    ui = _ui(environs["ui"], bus, clients)
    loops = Supervisor([*auth_loops, *sync_loops, *catalog_loops, *ui.loops])
    loops.start()
    return Services(
        applications={"auth": auth_app, "sync": sync_app, "catalog": catalog_app, "ui": ui.app},
        loops=loops,
        bus=bus,
        auth=auth_app,
        ui=ui,
        databases=(sync_database, catalog_database, ui.database),
    )


_Built = tuple[WSGIApplication, Database, Sequence[Loop]]


def _auth(environ: Mapping[str, str], bus: Bus) -> tuple[portus_auth.app.Auth, Sequence[Loop]]:
    settings = portus_auth.config.read(environ)
    database = portus_auth.app.open_database(settings)
    migrate(database, portus_auth.app.MIGRATIONS)
    app = portus_auth.app.build(settings, database=database)
    return app, portus_auth.worker.loops(settings, database=database, bus=bus)


def _sync(environ: Mapping[str, str], bus: Bus, auth: Client) -> _Built:
    settings = portus_sync.config.read(environ)
    database = portus_sync.app.open_database(settings)
    migrate(database, portus_sync.app.MIGRATIONS)
    app = portus_sync.app.build(settings, database=database, auth=auth)
    loops = portus_sync.worker.loops(settings, database=database, bus=bus, auth=auth)
    return app, database, loops


def _catalog(environ: Mapping[str, str], bus: Bus, auth: Client) -> _Built:
    settings = portus_catalog.config.read(environ)
    database = portus_catalog.app.open_database(settings)
    migrate(database, portus_catalog.app.MIGRATIONS)
    app = portus_catalog.app.build(settings, database=database, auth=auth)
    return app, database, portus_catalog.worker.loops(settings, database=database, bus=bus)


def _ui(environ: Mapping[str, str], bus: Bus, clients: Mapping[str, Client]) -> portus_ui.app.Ui:
    settings = portus_ui.config.read(environ)
    database = Database(settings.database_url, schema=portus_ui.app.SCHEMA)
    migrate(database, portus_ui.app.MIGRATIONS)
    return portus_ui.app.build(settings, bus=bus, clients=clients, database=database)


def _client(service: str, application: WSGIApplication) -> Client:
    """Return a client whose requests go straight to the application."""
    return Client(f"http://{service}", transport=WsgiAdapter(application))
