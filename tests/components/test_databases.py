"""The database fixtures hand out databases that are real, empty and private."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from portus_shared.testing.postgres import PostgreSQL


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_a_database_starts_empty_and_keeps_what_is_committed(database_url: str) -> None:
    with connected(database_url) as connection:
        assert inspect(connection).get_table_names() == []
        connection.execute(text("CREATE TABLE kept (n INTEGER)"))
        connection.execute(text("INSERT INTO kept VALUES (7)"))
        connection.commit()
    with connected(database_url) as connection:
        assert connection.scalar(text("SELECT n FROM kept")) == 7


def test_two_databases_of_one_server_share_nothing(postgresql_server: PostgreSQL) -> None:
    with (
        postgresql_server.fresh_database() as first,
        postgresql_server.fresh_database() as second,
    ):
        with connected(first) as connection:
            connection.execute(text("CREATE TABLE mine (n INTEGER)"))
            connection.commit()
        with connected(second) as connection:
            assert inspect(connection).get_table_names() == []


@pytest.mark.slow
def test_a_stopped_server_leaves_no_files() -> None:
    with PostgreSQL() as server:
        home = server.process.log.parent
        assert home.is_dir()
    assert not home.exists()
