"""One service's database: the same code on SQLite and PostgreSQL.

Reads and writes are said apart (`read`, `write`), because SQLite must take its write lock at
BEGIN: a transaction that reads first and writes later could not be retried. One transaction is
one `with` block; use cases never commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, Protocol, Self

from sqlalchemy import ColumnElement, Engine, FromClause, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TypedReturnsRows

from portus_shared.bell import Bell, LocalBell
from portus_shared.tables import NAMING, BigId, Json, UtcDateTime, shared_metadata

__all__ = [
    "NAMING",
    "BigId",
    "Database",
    "Json",
    "UtcDateTime",
    "insert_ignore",
    "insert_new",
    "is_unavailable",
    "shared_metadata",
    "upsert",
]

OUTBOX: Final = "portus_outbox"
"""Where a session keeps what is written, and rung for, when it commits."""
_BUSY_TIMEOUT_MS: Final = 10_000


class Waiting(Protocol):
    """What a transaction gathers and writes at its end, all at once."""

    def write(self, session: Session) -> None:
        """Write it; the commit follows."""


class Database:
    """Open transactions on one service's tables.

    `url` is ``sqlite:///FILE`` or ``postgresql://…``; in PostgreSQL the tables live in `schema`.
    """

    def __init__(self, url: str, *, schema: str, bell: Bell | None = None) -> None:
        self.schema = schema
        self.bell: Bell = bell or LocalBell()
        self.engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url, schema)

    @property
    def is_sqlite(self) -> bool:
        """Tell which of the two databases this is."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that only reads and is rolled back; what it loaded stays readable."""
        with self._connect(write=False) as connection, _session(connection) as session:
            try:
                yield session
            finally:
                # A rollback would expire loaded objects that the caller still renders.
                session.expunge_all()
                session.rollback()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that commits at the end, or rolls back when the block raises."""
        with self._connect(write=True) as connection, _session(connection) as session:
            yield session
            waiting: Waiting | None = session.info.pop(OUTBOX, None)
            if waiting is not None:
                waiting.write(session)
            session.commit()
        if waiting is not None:
            self.bell.ring()

    def is_up(self) -> bool:
        """Tell whether the database answers a trivial query now."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (DBAPIError, PoolTimeout):
            return False
        return True

    def close(self) -> None:
        """Close all connections and the bell."""
        self.engine.dispose()
        self.bell.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _connect(self, *, write: bool) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            connection.info["write"] = write
            yield connection


@contextmanager
def _session(connection: Connection) -> Iterator[Session]:
    with Session(bind=connection, expire_on_commit=False) as session:
        yield session


def _postgresql(url: str, schema: str) -> Engine:
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(
        parsed,
        pool_size=10,
        max_overflow=20,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={
            "options": f"-c search_path={schema} -c timezone=UTC",
            "connect_timeout": 5,
            # A server that vanished without a word is noticed in seconds, not in a quarter hour.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 2,
            "tcp_user_timeout": 10_000,
        },
    )


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, pool_size=10, max_overflow=40, connect_args={"timeout": 10})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, record: object) -> None:
    del record
    # The driver must not start transactions by itself: BEGIN is ours (see `_begin_sqlite`).
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.info.pop("write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def is_unavailable(error: BaseException) -> bool:
    """Tell whether `error` says the database is away or busy, not that a statement is wrong."""
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    sentence = str(error.orig)
    return "no such" not in sentence and "does not exist" not in sentence


def insert_ignore(session: Session, table: FromClause, values: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows that conflict with no unique key; return how many went in."""
    return len(insert_new(session, table, values))


def insert_new(
    session: Session,
    table: FromClause,
    values: Sequence[Mapping[str, Any]],
    returning: str | None = None,
) -> Sequence[Any]:
    """Insert rows that conflict with no unique key, and return one column of those that went in.

    That is the primary key's first column unless `returning` names another.
    """
    if not values:
        return ()
    column = table.c[returning] if returning else next(iter(table.primary_key))
    statement = _ignoring_insert(session.get_bind().dialect.name, table, column)
    return session.scalars(statement, list(values)).all()


def upsert(
    session: Session,
    table: FromClause,
    values: Mapping[str, Any],
    *,
    key: Sequence[str],
    newer: str | None = None,
) -> bool:
    """Insert one row, or update the row with the same `key`; tell whether anything was written.

    With `newer` the row there is replaced only when the given row's `newer` column is greater.
    """
    statement = _insert(session)(table).values(**values)
    change = {name: statement.excluded[name] for name in values if name not in key}
    if not change:
        return insert_ignore(session, table, [values]) > 0
    condition = statement.excluded[newer] > table.c[newer] if newer else None
    merged = statement.on_conflict_do_update(index_elements=list(key), set_=change, where=condition)
    return session.execute(merged.returning(*table.primary_key)).first() is not None


@cache
def _ignoring_insert(
    dialect: str, table: FromClause, returning: ColumnElement[Any]
) -> TypedReturnsRows[Any]:
    """Return the statement without its values, so that it is made and compiled only once.

    What went in is told by RETURNING: psycopg leaves the row count of such an insert unknown.
    """
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    done: TypedReturnsRows[Any] = insert(table).on_conflict_do_nothing().returning(returning)
    return done


def _insert(session: Session) -> Any:
    dialect = session.get_bind().dialect.name
    return sqlite.insert if dialect == "sqlite" else postgresql.insert
