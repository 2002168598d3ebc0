"""A realm whose database goes away: it goes on deciding from memory, for an hour."""

from datetime import timedelta
from pathlib import Path

import pytest
from services.auth.tests.realm.client import password_of
from services.auth.tests.realm.world import World
from sqlalchemy import create_engine, text

from portus_auth.storage.tables import RefreshToken
from portus_shared.clock import now
from portus_shared.db import Database
from portus_shared.errors import Unavailable

PULL_PRIVATE = "repository:priv/app:pull"


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


@pytest.fixture
def outage(world: World) -> FileAway | ServerAway:
    database = world.database
    return FileAway(database) if database.is_sqlite else ServerAway(database)


def test_decisions_go_on_without_the_database(
    world: World, outage: FileAway | ServerAway, caplog: pytest.LogCaptureFixture
) -> None:
    assert _may_pull(world, "vic")
    outage.begin()
    world.pass_time(3000)
    assert _may_pull(world, "vic")
    assert not _may_pull(world, "eve")
    assert world.facts.age_s() == pytest.approx(3000, abs=2)
    assert world.facts.missing() is None
    assert "deciding from memory" in caplog.text
    outage.end()
    world.pass_time(3)
    assert _may_pull(world, "vic")
    assert world.facts.age_s() == 0


def test_decisions_end_when_memory_is_too_old(world: World, outage: FileAway | ServerAway) -> None:
    assert _may_pull(world, "vic")
    outage.begin()
    world.pass_time(3601)
    reply = world.ask_as("vic", PULL_PRIVATE)
    assert reply.status == 503
    assert len(reply.json["errors"]) == 1
    assert "database" in (world.facts.missing() or "")
    outage.end()
    world.pass_time(3)
    assert _may_pull(world, "vic")
    assert world.facts.missing() is None


def test_nothing_is_decided_before_the_database_first_answered(
    world: World, outage: FileAway | ServerAway
) -> None:
    outage.begin()
    assert world.facts.age_s() is None
    with pytest.raises(Unavailable, match="since the start"):
        world.facts.current()
    assert world.ask("repository:pub/app:pull").status == 503
    outage.end()
    world.pass_time(3)
    assert _may_pull(world, "vic")


def test_database_that_is_away_is_not_asked_by_every_request(
    world: World, outage: FileAway | ServerAway, caplog: pytest.LogCaptureFixture
) -> None:
    assert _may_pull(world, "vic")
    outage.begin()
    world.pass_time()
    for _ in range(10):
        world.facts.changed()
        assert _may_pull(world, "vic")
    assert caplog.text.count("deciding from memory") == 1
    outage.end()


def test_login_without_the_database_leaves_the_client_its_password(
    world: World, outage: FileAway | ServerAway, caplog: pytest.LogCaptureFixture
) -> None:
    assert _may_pull(world, "vic")
    outage.begin()
    reply = world.ask(basic=("vic", password_of("vic")), offline_token="true")
    assert reply.status == 200
    assert "refresh_token" not in reply.json
    assert "no refresh token is given" in caplog.text
    outage.end()


def test_refresh_token_works_without_the_database(
    world: World, outage: FileAway | ServerAway
) -> None:
    token = world.ask(basic=("vic", password_of("vic")), offline_token="true").json["refresh_token"]
    assert world.client.post(grant_type="refresh_token", refresh_token=token).status == 200
    world.update(RefreshToken, RefreshToken.id == 1, used_at=now() - timedelta(hours=2))
    world.facts.changed()
    world.facts.current()
    outage.begin()
    world.pass_time(1000)
    assert world.client.post(grant_type="refresh_token", refresh_token=token).status == 200
    assert world.client.post(grant_type="refresh_token", refresh_token="prt_x").status == 401
    world.logins.close()
    outage.end()


def _may_pull(world: World, name: str) -> bool:
    return bool(world.ask_as(name, PULL_PRIVATE).access)
