"""A private PostgreSQL on a unix socket that trusts everybody and is gone after the tests."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

import psycopg
from psycopg import sql

from portus_shared.testing.missing import NotInstalled, find_program
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import wait_until

_QUICK: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# The socket's directory is private to this server, so that the number need not be free.
_PORT: Final = 5432
_SUPERUSER: Final = "postgres"


class PostgreSQL:
    """One running server; `fresh_database` yields the URL of an empty database.

    A `durable` one keeps what it has committed when it is killed; not when the machine dies. A
    `synced` one keeps it then too, and is as slow as a server in earnest: for benchmarks.
    """

    def __init__(self, *, durable: bool = False, synced: bool = False) -> None:
        programs = _programs()
        self._user = _unprivileged_user()
        self._home = Path(tempfile.mkdtemp(prefix="portus-pg-"))
        self._data = self._home / "data"
        self._names = itertools.count(1)
        if self._user:
            shutil.chown(self._home, self._user)
        self._initialise(programs / "initdb")
        settings = {**_QUICK, "unix_socket_directories": str(self._home), "port": str(_PORT)}
        if durable or synced:
            settings["synchronous_commit"] = "on"
        if synced:
            settings |= {"fsync": "on", "full_page_writes": "on", "autovacuum": "on"}
        options = [f"--{name}={value}" for name, value in settings.items()]
        self._command: list[str | Path] = [programs / "postgres", "-D", self._data, *options]
        self.process = self._start()
        wait_until(self._answers, 30, what="PostgreSQL accepts connections")

    def url(self, database: str = "postgres") -> str:
        """Return the URL of `database`, in the form that PORTUS_DATABASE_URL takes."""
        return f"postgresql://{_SUPERUSER}@/{database}?host={self._home}&port={_PORT}"

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Create an empty database, yield its URL, and drop it with whoever is connected."""
        name = f"test_{next(self._names)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield self.url(name)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def shut_down(self) -> None:
        """End the server and every connection at once; its files stay."""
        self.process.stop(by=signal.SIGINT)

    def kill(self) -> None:
        """End the server as a crash would; `start_again` brings it back with its data."""
        self.process.kill()

    def start_again(self) -> None:
        """Start the server again, once the processes of the killed one have let go of its data."""

        def is_back() -> bool:
            if not self.process.is_running:
                self.process = self._start()
            return self._accepts()

        wait_until(is_back, 60, what="PostgreSQL is back")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let no process of the server do anything: connections stay, and nobody answers."""
        pids = [self.process.pid, *_children_of(self.process.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        """Shut the server down at once and remove its files."""
        if self.process.is_running:
            self.process.stop(by=signal.SIGQUIT)
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement))

    def _initialise(self, initdb: Path) -> None:
        command = [
            *(str(initdb), "-D", str(self._data), "-U", _SUPERUSER, "--auth=trust"),
            *("--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
        ]
        subprocess.run(command, user=self._user, cwd=self._home, check=True, capture_output=True)

    def _start(self) -> Process:
        return Process(
            self._command,
            log=self._home / "log",
            cwd=self._home,
            user=self._user,
            death_signal="QUIT",
        )

    def _answers(self) -> bool:
        if not self.process.is_running:
            raise RuntimeError(f"PostgreSQL ended at once:\n{self.process.output()}")
        return self._accepts()

    def _accepts(self) -> bool:
        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True


def _programs() -> Path:
    """Return the folder of initdb and postgres; Debian keeps it out of PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    names = [*(str(folder / "initdb") for folder in versions), "initdb"]
    return find_program(names, component="PostgreSQL", install="postgresql").resolve().parent


def _children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in found.split()]


def _version(folder: Path) -> float:
    return float(folder.parent.name)


def _unprivileged_user() -> str | None:
    """Return who runs the server: PostgreSQL refuses root; anybody else runs it as themselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise NotInstalled("an unprivileged user for PostgreSQL", "postgresql")
