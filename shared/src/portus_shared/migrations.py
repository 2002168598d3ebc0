"""Schema migrations, run from code under a lock so that replicas may start together.

Each service has a package ``migrations`` (alembic's layout) whose ``env.py`` is two lines:
``from portus_shared.migrations import run_environment`` and a call of it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import Any
from zlib import crc32

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, text
from sqlalchemy.engine import Connection

from portus_shared import clock, logs, outbox
from portus_shared.bus import inbox, parked
from portus_shared.db import Database
from portus_shared.tables import shared_metadata

_log = logs.logger(__name__)


def migrate(database: Database, package: str, revision: str = "head") -> None:
    """Bring the database to `revision`, waiting for whoever else is at it.

    One that a later release has migrated is left as it is: this release works with it.
    """
    with _locked(database):
        _create_schema(database)
        with database.engine.begin() as connection:
            config = _config(package, connection)
            if _is_ahead(connection, ScriptDirectory.from_config(config)):
                _log.warning("the schema is of a later release", extra={"package": package})
                return
            command.upgrade(config, revision)


def downgrade(database: Database, package: str, revision: str) -> None:
    """Take migrations back to `revision` (``base`` for all)."""
    with _locked(database), database.engine.begin() as connection:
        command.downgrade(_config(package, connection), revision)


def is_current(database: Database, package: str) -> bool:
    """Tell whether all migrations of the package have been run, perhaps also later ones."""
    with database.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(_config(package, connection))
        return _heads(connection) == set(scripts.get_heads()) or _is_ahead(connection, scripts)


def readiness(database: Database, package: str) -> Mapping[str, str | None]:
    """Say what is wrong with the database, if anything, in the form that ``/ready`` answers."""
    if not database.is_up():
        return {"database": "does not answer"}
    fault = None if is_current(database, package) else "migrations have not been run"
    return {"database": fault}


def drift(database: Database, metadata: MetaData) -> Sequence[Any]:
    """Return how the database differs from the tables the code declares; empty is right."""
    with database.engine.connect() as connection:
        migration = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(migration, _joined(metadata)))


def run_environment(metadata: MetaData) -> None:
    """Run what alembic asks for on the connection given by `migrate`."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=_joined(metadata),
        render_as_batch=True,
    )
    context.run_migrations()


def create_shared_tables(op: Operations | Any) -> None:
    """Create outbox, inbox, parked messages and the clock, as they were at version 1."""
    for table in (outbox.outbox, inbox.inbox, parked.parked, clock.hybrid_clock):
        table.create(op.get_bind())
    op.execute(clock.hybrid_clock.insert().values(id=1, stamp=0))


def drop_shared_tables(op: Operations | Any) -> None:
    """Undo `create_shared_tables`."""
    for table in (clock.hybrid_clock, parked.parked, inbox.inbox, outbox.outbox):
        table.drop(op.get_bind())


def _heads(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _is_ahead(connection: Connection, scripts: ScriptDirectory) -> bool:
    """Tell whether the database has been migrated by a release that this one does not know."""
    known = {script.revision for script in scripts.walk_revisions()}
    return bool(_heads(connection) - known)


def _joined(metadata: MetaData) -> MetaData:
    both = MetaData(naming_convention=metadata.naming_convention)
    for source in (metadata, shared_metadata):
        for table in source.tables.values():
            table.to_metadata(both)
    return both


def _config(package: str, connection: Connection) -> Config:
    config = Config()
    root, _, folder = package.partition(".")
    config.set_main_option("script_location", str(files(root).joinpath(folder)))
    config.attributes["connection"] = connection
    return config


def _create_schema(database: Database) -> None:
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{database.schema}"'))


@contextmanager
def _locked(database: Database) -> Iterator[None]:
    if database.is_sqlite:
        with open(f"{database.engine.url.database}.migrate.lock", "w") as lock:  # noqa: PTH123
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    key = {"key": crc32(database.schema.encode())}
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
