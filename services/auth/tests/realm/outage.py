"""Databases that go away and come back."""

from pathlib import Path

from sqlalchemy import create_engine, text

from portus_shared.db import Database


class FileAway:
    """An SQLite database whose file goes away and comes back."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._file = Path(database.engine.url.database or "")
        self._away = self._file.with_suffix(".away")

    def begin(self) -> None:
        self._engine.dispose()
        self._file.rename(self._away)
        self._file.mkdir()

    def end(self) -> None:
        self._file.rmdir()
        self._away.rename(self._file)


class ServerAway:
    """A PostgreSQL database that ends all connections and accepts no new ones."""

    def __init__(self, database: Database) -> None:
        url = database.engine.url
        self._name = url.database
        self._admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")

    def begin(self) -> None:
        self._say(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false")
        self._say(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "  # noqa: S608
            f"WHERE datname = '{self._name}'"
        )

    def end(self) -> None:
        self._say(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")
        self._admin.dispose()

    def _say(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))
