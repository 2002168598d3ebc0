"""The command line of the catalogue: `portus-catalog --help`."""

from __future__ import annotations

from collections.abc import Sequence

from portus_catalog import app, config, worker
from portus_catalog.config import SCHEMA, Settings
from portus_shared.bus.opening import open_bus
from portus_shared.cli import Program, commands, environment
from portus_shared.config import ServiceSettings
from portus_shared.worker import Loop


def main() -> None:
    """Run one command."""
    program = Program(
        name=SCHEMA,
        settings=lambda: config.read(environment()),
        service=_service,
        web=app.build,
        loops=_loops,
    )
    commands(program)(auto_envvar_prefix=None)


def _service(settings: Settings) -> ServiceSettings:
    return settings.service


def _loops(settings: Settings) -> Sequence[Loop]:
    bus = open_bus(settings.service.bus_url)
    return worker.loops(settings, database=app.open_database(settings), bus=bus)
