"""The command line of auth: `portus-auth --help`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import click
from sqlalchemy.orm import Session

from portus_auth import app, config, memory, worker
from portus_auth.config import SCHEMA, Settings
from portus_auth.usecases import accounts, own_account, republish as republication
from portus_auth.usecases.audit import AUTH_ITSELF, audited
from portus_auth.usecases.installation import ensure_registry
from portus_auth.usecases.passwords import Passwords
from portus_shared.bus.opening import open_bus
from portus_shared.cli import Program, commands, environment
from portus_shared.config import ServiceSettings
from portus_shared.db import Database
from portus_shared.errors import PortusError, Rejected
from portus_shared.worker import Loop


def main() -> None:
    """Run one command."""
    program = Program(
        name=SCHEMA,
        settings=lambda: config.read(environment()),
        service=_service,
        web=app.build,
        loops=_loops,
        without_database=memory.what_serves,
    )
    group = commands(program)
    group.add_command(_create_admin(program.checked))
    group.add_command(_reset_password(program.checked))
    group.add_command(_republish(program.checked))
    group(auto_envvar_prefix=None)


def _service(settings: Settings) -> ServiceSettings:
    return settings.service


def _loops(settings: Settings) -> Sequence[Loop]:
    bus = open_bus(settings.service.bus_url)
    return worker.loops(settings, database=app.open_database(settings), bus=bus)


def _create_admin(checked: Callable[[], Settings]) -> click.Command:
    @click.argument("username")
    @click.argument("email")
    @click.password_option(help="Asked for when not given.")
    def create_admin(username: str, email: str, password: str) -> None:
        """Create an account with all rights."""
        settings = checked()
        passwords = Passwords()
        try:
            new = accounts.prepare(passwords, username=username, email=email, password=password)
            with app.open_database(settings) as database, _writing(database) as session:
                ensure_registry(session, settings.registry)
                accounts.add_user(session, new, admin=True)
        except PortusError as error:
            _give_up(error)
        click.echo(f"{new.username} can sign in now")

    return click.command("create-admin")(create_admin)


def _reset_password(checked: Callable[[], Settings]) -> click.Command:
    @click.argument("username")
    @click.password_option(help="Asked for when not given.")
    def reset_password(username: str, password: str) -> None:
        """Set somebody's password; they are signed out everywhere."""
        settings = checked()
        try:
            hashed = accounts.hash_new(Passwords(), password)
            with app.open_database(settings) as database, _writing(database) as session:
                own_account.set_password(session, username, hashed)
        except PortusError as error:
            _give_up(error)
        click.echo(f"{username} has a new password")

    return click.command("reset-password")(reset_password)


def _give_up(error: PortusError) -> NoReturn:
    """Say what is wrong, field by field, and end with status 1."""
    fields = error.fields if isinstance(error, Rejected) else {}
    for name, sentences in fields.items():
        click.echo(f"{name}: {'; '.join(sentences)}", err=True)
    if not fields:
        click.echo(error.message, err=True)
    sys.exit(1)


def _republish(checked: Callable[[], Settings]) -> click.Command:
    def republish() -> None:
        """Tell the other services the whole state again, as after a restored backup."""
        with app.open_database(checked()) as database, database.write() as session:
            generation = republication.republish(session)
        click.echo(f"queued as generation {generation}")

    return click.command("republish")(republish)


@contextmanager
def _writing(database: Database) -> Iterator[Session]:
    """Open a transaction that records what the operator changes."""
    with database.write() as session, audited(session, AUTH_ITSELF):
        yield session
