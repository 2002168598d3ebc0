from collections.abc import Iterator
from pathlib import Path

import pytest
from services.catalog.tests.catalogue import Catalogue

from portus_catalog.app import MIGRATIONS
from portus_catalog.config import SCHEMA
from portus_shared.db import Database
from portus_shared.migrations import migrate


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, schema=SCHEMA)
    migrate(database, MIGRATIONS)
    yield database
    database.close()


@pytest.fixture
def catalogue(database: Database, tmp_path: Path) -> Catalogue:
    return Catalogue(database, tmp_path)
