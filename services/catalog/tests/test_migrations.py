"""The migrations lead to the tables that the code declares, and back."""

from portus_catalog.app import MIGRATIONS
from portus_catalog.storage.base import Base
from portus_shared import migrations
from portus_shared.db import Database


def test_migrations_and_code_agree(database: Database) -> None:
    assert migrations.drift(database, Base.metadata) == []
    assert migrations.is_current(database, MIGRATIONS)


def test_migrations_go_down_and_up_again(database: Database) -> None:
    migrations.downgrade(database, MIGRATIONS, "base")
    assert not migrations.is_current(database, MIGRATIONS)
    migrations.migrate(database, MIGRATIONS)
    assert migrations.is_current(database, MIGRATIONS)
