"""The commands that every service's program has: web, worker, migrate, healthcheck, and so on.

A service describes itself with `Program` and adds its own commands to the group it gets back.
Exit codes: 0 fine, 1 not now (something is missing), 2 wrong settings or arguments.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NoReturn
from wsgiref.types import WSGIApplication

import click
import requests

from portus_shared import logs
from portus_shared.bell import bell_for
from portus_shared.cli_messages import dead_commands, outbox_commands
from portus_shared.config import InvalidSettings, ServiceSettings
from portus_shared.db import Database
from portus_shared.migrations import is_current, migrate
from portus_shared.serving import serve
from portus_shared.worker import Loop, Supervisor
from portus_shared.worker_http import serve_health

_WAIT_S: Final = 120
_WAIT_WITH_SUBSTITUTE_S: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What the common commands need to know of a service.

    `settings` reads and checks everything (raising `InvalidSettings`), `service` picks out the
    part that all services share; `web` and `loops` are the two composition roots.
    `without_database` says what the service can start from while its database is away.
    """

    name: str
    settings: Callable[[], Any]
    service: Callable[[Any], ServiceSettings]
    web: Callable[[Any], WSGIApplication]
    loops: Callable[[Any], Sequence[Loop]]
    without_database: Callable[[Any], str | None] = lambda _: None

    @property
    def migrations(self) -> str:
        """Return the package that holds the service's migrations."""
        return f"portus_{self.name}.migrations"

    def database(self) -> Database:
        """Open the service's database as the settings say."""
        service = self.service(self.checked())
        bell = bell_for(self.name, service.bell_dir)
        return Database(service.database_url, schema=self.name, bell=bell)

    def checked(self) -> Any:
        """Return the settings, or say all their faults and exit with 2."""
        try:
            settings = self.settings()
        except InvalidSettings as error:
            for fault in error.faults:
                click.echo(fault, err=True)
            sys.exit(2)
        logs.configure(self.service(settings).log_level)
        return settings


def commands(program: Program) -> click.Group:
    """Return the group of common commands for a service."""
    group = click.Group(
        f"portus-{program.name}",
        help=f"The {program.name} service of Portus. Settings come from PORTUS_* variables.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command in (_web, _worker, _migrate, _healthcheck, _check_config):
        group.add_command(command(program))
    group.add_command(outbox_commands(program.database))
    group.add_command(dead_commands(program.database))
    return group


def _web(program: Program) -> click.Command:
    def web() -> None:
        """Serve HTTP with gunicorn until SIGTERM."""
        settings = program.checked()
        serve(partial(program.web, settings), listen=program.service(settings).listen)

    return click.command("web")(web)


def _worker(program: Program) -> click.Command:
    @click.option("--listen", metavar="HOST:PORT", help="Answer /live and /metrics there.")
    def worker(*, listen: str | None) -> None:
        """Run the loops (relay, consumer, jobs) until SIGTERM."""
        supervisor = Supervisor(program.loops(program.checked()))
        if listen:
            serve_health(listen, supervisor.failures)
        supervisor.run_until_signalled()

    return click.command("worker")(worker)


def _migrate(program: Program) -> click.Command:
    @click.option("--wait", is_flag=True, help="Wait up to two minutes for the database.")
    def command(*, wait: bool) -> None:
        """Bring the database schema up to date; safe to run from several places at once."""
        substitute = program.without_database(program.checked())
        longest_s = _WAIT_WITH_SUBSTITUTE_S if substitute else _WAIT_S
        deadline = time.monotonic() + (longest_s if wait else 0)
        with program.database() as database:
            while not database.is_up():
                if time.monotonic() >= deadline:
                    _end_without_database(substitute, "it is migrated when it answers")
                time.sleep(1)
            migrate(database, program.migrations)
        click.echo("the schema is up to date")

    return click.command("migrate")(command)


def _end_without_database(substitute: str | None, then: str) -> NoReturn:
    """Say that the database is away: a failure, unless something else serves meanwhile."""
    if substitute is None:
        click.echo("the database does not answer", err=True)
        sys.exit(1)
    click.echo(f"warning: the database does not answer; {substitute}; {then}", err=True)
    sys.exit(0)


def _healthcheck(program: Program) -> click.Command:
    def healthcheck() -> None:
        """Ask this service's own /live; for container health checks."""
        port = program.service(program.checked()).listen.rpartition(":")[2]
        try:
            answer = requests.get(f"http://127.0.0.1:{port}/live", timeout=3)
        except requests.RequestException as error:
            click.echo(f"no answer: {error}", err=True)
            sys.exit(1)
        sys.exit(0 if answer.ok else 1)

    return click.command("healthcheck")(healthcheck)


def _check_config(program: Program) -> click.Command:
    def check_config() -> None:
        """Check all settings and say whether the database answers and is up to date."""
        substitute = program.without_database(program.checked())
        with program.database() as database:
            if not database.is_up():
                _end_without_database(substitute, "settings: ok")
            current = is_current(database, program.migrations)
        schema = "up to date" if current else "not up to date, run migrate"
        click.echo(f"settings: ok; database: ok; schema: {schema}")
        sys.exit(0 if current else 1)

    return click.command("check-config")(check_config)


def environment() -> dict[str, str]:
    """Return the process environment, as settings are read from."""
    return dict(os.environ)
