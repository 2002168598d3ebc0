"""The command line of sync: `portus-sync --help`."""

import getpass
import sys
from collections.abc import Callable, Sequence

import click

from portus_shared.bus.opening import open_bus
from portus_shared.cli import Program, commands, environment
from portus_shared.clock import now
from portus_shared.config import ServiceSettings
from portus_shared.db import Database
from portus_shared.worker import Loop
from portus_sync import app, config, worker
from portus_sync.config import SCHEMA, Settings
from portus_sync.storage import (
    jobs,
    notifications,
    removals as removals_storage,
    scans as scans_storage,
)
from portus_sync.usecases import removals, scans

_SHOWN = 1_000

OpenDatabase = Callable[[], Database]


def main() -> None:
    """Run one command."""
    program = Program(
        name=SCHEMA,
        settings=lambda: config.read(environment()),
        service=_service,
        web=app.build,
        loops=_loops,
    )
    group = commands(program)
    group.add_command(_scan(program.database))
    group.add_command(_quarantine(program.database))
    group.add_command(_removals(program.database))
    group(auto_envvar_prefix=None)


def _service(settings: Settings) -> ServiceSettings:
    return settings.service


def _loops(settings: Settings) -> Sequence[Loop]:
    bus = open_bus(settings.service.bus_url)
    return worker.loops(settings, database=app.open_database(settings), bus=bus)


def _operator() -> str:
    """Return who runs the command; containers run under ids that have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def _scan(database: OpenDatabase) -> click.Command:
    @click.option("--list", "is_listing", is_flag=True, help="Only show the latest scans.")
    def scan(*, is_listing: bool) -> None:
        """Ask the worker to scan every registry now."""
        if not is_listing:
            with database() as opened, opened.write() as session:
                asked = scans.request_all(session, cause="command", asked_by=_operator(), at=now())
            if not asked:
                click.echo("no registry is known yet; auth announces it", err=True)
                sys.exit(1)
        with database() as opened:
            _list_scans(opened)

    return click.command("scan")(scan)


def _list_scans(database: Database) -> None:
    with database.read() as session:
        for scan in scans_storage.newest(session, limit=10):
            progress = f"{scan.repositories_done}/{scan.repositories or '?'} repositories"
            when = f"{scan.requested_at:%Y-%m-%d %H:%M:%S}"
            line = f"{scan.id}  {when}  {scan.registry_name}  {scan.state}  {progress}"
            click.echo(f"{line}, {scan.tags} tags  {scan.reason or ''}".rstrip())
            for failure in scans_storage.failures(session, [scan.id]):
                click.echo(f"  not read: {failure.repository}: {failure.reason}")
        states = ", ".join(f"{count} {state}" for state, count in jobs.counts(session).items())
        click.echo(f"manifests: {states or 'none'}")


def _quarantine(database: OpenDatabase) -> click.Group:
    def listed() -> None:
        """List what came in and could not be read, newest first."""
        with database() as opened, opened.read() as session:
            for one in notifications.quarantined(session, before_id=None, limit=_SHOWN):
                when = f"{one.last_received_at:%Y-%m-%d %H:%M:%S}"
                excerpt = " ".join(one.raw.split())[:80]
                click.echo(f"{one.id}  {when}  {one.times} times  {one.reason}  {excerpt}")

    group = click.Group("quarantine", help="What registries sent and nobody could read.")
    group.add_command(click.command("list")(listed))
    return group


def _removals(database: OpenDatabase) -> click.Group:
    def listed() -> None:
        """List the tags whose removal waits for approval."""
        with database() as opened, opened.read() as session:
            for one in removals_storage.held(session, limit=_SHOWN):
                click.echo(f"{one.scan_id}  {one.registry_name}  {one.repository}:{one.tag}")

    @click.option("--scan", "scan_id", help="Only those that this scan led to.")
    def approve(scan_id: str | None) -> None:
        """Let held removals go ahead; the registry is asked about each once more."""
        with database() as opened, opened.write() as session:
            count = removals.approve(session, _operator(), scan_id=scan_id, at=now())
        click.echo(f"{count} approved")

    group = click.Group("removals", help="Tags that scans missed, too many to remove unasked.")
    group.add_command(click.command("list")(listed))
    group.add_command(click.command("approve")(approve))
    return group
