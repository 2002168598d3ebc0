"""The command line of auth: `portus-auth --help`.

Exit codes: 0 done, 1 refused or something is missing, 2 wrong settings or arguments.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click
from sqlalchemy.orm import Session

from portus_auth import app, config, memory, worker
from portus_auth.config import SCHEMA, Settings
from portus_auth.setup_code import wait_for_code
from portus_auth.usecases import accounts, own_account, republish as republication
from portus_auth.usecases.audit import AUTH_ITSELF, audited
from portus_auth.usecases.installation import ensure_registry
from portus_auth.usecases.passwords import Passwords
from portus_shared.authority import CertificateAuthority
from portus_shared.bus.opening import open_bus
from portus_shared.cli import Program, commands, environment
from portus_shared.config import ServiceSettings
from portus_shared.db import Database
from portus_shared.errors import PortusError, Rejected
from portus_shared.keys import LEAF_LIFETIME
from portus_shared.migrations import is_current
from portus_shared.worker import Loop

Checked = Callable[[], Settings]


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
    for command in (_create_admin, _setup_code, _reset_password, _republish, _keys):
        group.add_command(command(program.checked))
    group(auto_envvar_prefix=None)


def _service(settings: Settings) -> ServiceSettings:
    return settings.service


def _loops(settings: Settings) -> Sequence[Loop]:
    bus = open_bus(settings.service.bus_url)
    return worker.loops(settings, database=app.open_database(settings), bus=bus)


def _create_admin(checked: Checked) -> click.Command:
    @click.argument("username")
    @click.argument("email")
    @click.password_option(help="Asked for when not given.")
    def create_admin(username: str, email: str, password: str) -> None:
        """Create an account with all rights.

        Ends with 1 when the name or the address is taken, or the password will not do.
        """
        settings = checked()
        with _told():
            new = accounts.prepare(Passwords(), username=username, email=email, password=password)
            with _writing(settings) as session:
                ensure_registry(session, settings.registry)
                accounts.add_user(session, new, admin=True)
        click.echo(f"{new.username} can sign in now")

    return click.command("create-admin")(create_admin)


def _setup_code(checked: Checked) -> click.Command:
    @click.option(
        "--wait",
        "longest_s",
        metavar="SECONDS",
        type=click.FloatRange(min=0),
        default=60,
        show_default=True,
        help="How long the first start may take.",
    )
    def setup_code(longest_s: float) -> None:
        """Print the one-time code that makes the first admin, once there is one.

        Ends with 1 when somebody has an account already, or there is no code in time.
        """
        settings = checked()
        with _told(), app.open_database(settings) as database:
            code = wait_for_code(database, settings, longest_s)
        click.echo(f"enter it at {settings.service.public_url}/setup", err=True)
        click.echo(code)

    return click.command("setup-code")(setup_code)


def _reset_password(checked: Checked) -> click.Command:
    @click.argument("username")
    @click.password_option(help="Asked for when not given.")
    def reset_password(username: str, password: str) -> None:
        """Set somebody's password; they are signed out everywhere.

        Ends with 1 when nobody has that name, or the password will not do.
        """
        settings = checked()
        with _told():
            hashed = accounts.hash_new(Passwords(), password)
            with _writing(settings) as session:
                own_account.set_password(session, username, hashed)
        click.echo(f"{username} has a new password")

    return click.command("reset-password")(reset_password)


def _republish(checked: Checked) -> click.Command:
    def republish() -> None:
        """Tell the other services the whole state again, as after a restored backup."""
        with _opened(checked()) as database, database.write() as session:
            generation = republication.republish(session)
        click.echo(f"queued as generation {generation}")

    return click.command("republish")(republish)


def _keys(checked: Checked) -> click.Command:
    @click.option(
        "--write",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the certificate there too: the registry's rootcertbundle.",
    )
    def keys(write: Path | None) -> None:
        """Show the authority that vouches for tokens: fingerprint, end, and life of its leaves.

        Ends with 1 when there is none yet, or its files cannot be used.
        """
        settings = checked()
        with _told():
            authority = CertificateAuthority.load(
                settings.service.ca_cert_file, settings.ca_key_file
            )
        ends = authority.certificate.not_valid_after_utc
        click.echo(f"certificate: {settings.service.ca_cert_file}")
        click.echo(f"sha256 fingerprint: {authority.fingerprint}")
        click.echo(f"valid until: {ends:%Y-%m-%d %H:%M} UTC")
        click.echo(f"leaf keys: made by each process, for {LEAF_LIFETIME.days} days at most")
        if write is not None:
            _write(write, authority.bundle)

    return click.command("keys")(keys)


def _write(file: Path, pem: bytes) -> None:
    try:
        file.write_bytes(pem)
    except OSError as error:
        click.echo(f"{file} cannot be written: {error.strerror}", err=True)
        sys.exit(1)
    click.echo(f"written to: {file}")


@contextmanager
def _told() -> Iterator[None]:
    """Say what is wrong, field by field, and end with status 1."""
    try:
        yield
    except PortusError as error:
        _give_up(error)


def _give_up(error: PortusError) -> NoReturn:
    fields = error.fields if isinstance(error, Rejected) else {}
    for name, sentences in fields.items():
        click.echo(f"{name}: {'; '.join(sentences)}", err=True)
    if not fields:
        click.echo(error.message, err=True)
    sys.exit(1)


@contextmanager
def _writing(settings: Settings) -> Iterator[Session]:
    """Open a transaction that records what the operator changes."""
    with (
        _opened(settings) as database,
        database.write() as session,
        audited(session, AUTH_ITSELF),
    ):
        yield session


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    """Open the database, or say why it is of no use now and end with status 1."""
    with app.open_database(settings) as database:
        if not database.is_up():
            click.echo("the database does not answer", err=True)
            sys.exit(1)
        if not is_current(database, app.MIGRATIONS):
            click.echo("the schema is not up to date, run portus-auth migrate", err=True)
            sys.exit(1)
        yield database
