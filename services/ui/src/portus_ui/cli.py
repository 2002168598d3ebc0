"""ui's command line: serve pages, migrate, check."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

import click
from gunicorn.app.base import BaseApplication

from portus_shared import logs
from portus_shared.config import InvalidSettings
from portus_shared.db import Database
from portus_shared.migrations import migrate as run_migrations
from portus_shared.tether import tether_worker
from portus_shared.worker import Supervisor
from portus_ui.app import MIGRATIONS, SCHEMA, Ui, build
from portus_ui.config import Settings, read

_GRACE_S = 5
_WAIT_S = 120


@click.group()
def main() -> None:
    """Portus ui: the pages people see."""


@main.command()
def web() -> None:
    """Serve pages until SIGTERM."""
    settings = _settings()
    logs.configure(settings.log_level)
    _Server(settings).run()


@main.command()
@click.option("--wait", is_flag=True, help="Wait up to two minutes for the database.")
def migrate(*, wait: bool) -> None:
    """Bring the database's tables up to date."""
    settings = _settings()
    database = Database(settings.database_url, schema=SCHEMA)
    deadline = time.monotonic() + (_WAIT_S if wait else 0)
    while not database.is_up():
        if time.monotonic() >= deadline:
            click.echo("the database does not answer", err=True)
            sys.exit(1)
        time.sleep(1)
    run_migrations(database, MIGRATIONS)
    database.close()


@main.command()
def healthcheck() -> None:
    """Exit 0 when the server on this machine is ready."""
    port = _settings().listen.rpartition(":")[2]
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=3):
            return
    except (urllib.error.URLError, OSError) as error:
        click.echo(f"not ready: {error}", err=True)
        sys.exit(1)


@main.command("check-config")
def check_config() -> None:
    """Read the settings and say what is wrong with them."""
    _settings()
    click.echo("The settings are complete.")


def _settings() -> Settings:
    try:
        return read(os.environ)
    except InvalidSettings as error:
        for fault in error.faults:
            click.echo(fault, err=True)
        sys.exit(2)


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with one worker process and many threads; streams hold a thread each."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ui: Ui | None = None
        self._supervisor: Supervisor | None = None
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to run; objects are built after its fork."""
        options = {
            "bind": self._settings.listen,
            "worker_class": "gthread",
            "workers": 1,
            "threads": self._settings.threads,
            "graceful_timeout": _GRACE_S,
            # The file system may be read-only, and a disk must not hold up the heartbeat.
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108
            "post_fork": tether_worker,
            "post_worker_init": lambda _worker: self._end_streams_first(),
            "worker_exit": lambda _server, _worker: self._end(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        """Build ui in the worker and start listening to the bus."""
        self._ui = build(self._settings)
        self._supervisor = Supervisor(self._ui.loops)
        self._supervisor.start()
        return self._ui.app

    def _end_streams_first(self) -> None:
        """End streams as soon as SIGTERM comes: gunicorn waits for open requests after it."""
        stop = signal.getsignal(signal.SIGTERM)

        def on_term(number: int, frame: FrameType | None) -> None:
            if self._ui:
                # Not here: a signal handler must not wait for a lock.
                threading.Thread(target=self._ui.close).start()
            if callable(stop):
                stop(number, frame)

        signal.signal(signal.SIGTERM, on_term)

    def _end(self) -> None:
        if self._ui:
            self._ui.close()
        if self._supervisor:
            self._supervisor.stop(1.0)
