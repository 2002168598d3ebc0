from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fakes import SECRET, World, auth_app, catalog_app, sync_app
from portus_shared.bus import InProcessBus
from portus_shared.http import Client, WsgiAdapter
from portus_shared.migrations import migrate
from portus_ui.app import MIGRATIONS, Ui, build
from portus_ui.config import Settings, read
from worlds import company


def settings_for(database_url: str, **more: str) -> Settings:
    environ = {
        "PORTUS_DATABASE_URL": database_url,
        "PORTUS_BUS_URL": "inprocess:",
        "PORTUS_PUBLIC_URL": "http://localhost",
        "PORTUS_SERVICE_SECRET": SECRET,
        "PORTUS_UI_THREADS": "40",
        **more,
    }
    return read(environ)


def built(world: World, settings: Settings, bus: InProcessBus | None = None) -> Ui:
    apps = {"auth": auth_app(world), "catalog": catalog_app(world), "sync": sync_app(world)}
    clients = {
        name: Client(f"http://{name}", transport=WsgiAdapter(app)) for name, app in apps.items()
    }
    ui = build(settings, bus=bus or InProcessBus(), clients=clients)
    migrate(ui.database, MIGRATIONS)
    return ui


@pytest.fixture
def world() -> World:
    return company()


@pytest.fixture
def ui(world: World, sqlite_url: str) -> Iterator[Ui]:
    made = built(world, settings_for(sqlite_url))
    yield made
    made.close()
    made.database.close()
