from collections.abc import Iterator

import pytest
from services.auth.tests.realm.outage import FileAway, ServerAway
from services.auth.tests.realm.world import World

from portus_auth.usecases.passwords import Passwords
from portus_shared.db import Database
from portus_shared.keys import CertificateAuthority
from portus_shared.migrations import migrate


@pytest.fixture(scope="session")
def passwords() -> Iterator[Passwords]:
    checker = Passwords()
    yield checker
    checker.close()


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    folder = tmp_path_factory.mktemp("ca")
    return CertificateAuthority.load_or_create(folder / "ca.pem", folder / "ca.key")


@pytest.fixture
def empty_world(
    database_url: str, ca: CertificateAuthority, passwords: Passwords
) -> Iterator[World]:
    database = Database(database_url, schema="auth")
    migrate(database, "portus_auth.migrations")
    world = World(database, ca, passwords)
    yield world
    world.close()


@pytest.fixture(scope="module")
def shared_world(
    tmp_path_factory: pytest.TempPathFactory, ca: CertificateAuthority, passwords: Passwords
) -> Iterator[World]:
    """The world of a whole file of tests that change nothing."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('auth')}/auth.sqlite", schema="auth")
    migrate(database, "portus_auth.migrations")
    world = World(database, ca, passwords)
    world.populate()
    yield world
    world.close()


@pytest.fixture
def world(empty_world: World) -> World:
    empty_world.populate()
    return empty_world


@pytest.fixture
def outage(world: World) -> FileAway | ServerAway:
    database = world.database
    return FileAway(database) if database.is_sqlite else ServerAway(database)
