"""The migrations lead to the tables that the code declares, and back."""

from sqlalchemy import text

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


def test_release_before_goes_on_with_the_schema_of_the_next(database: Database) -> None:
    """It may be started again, during a rolling update or to go back."""
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v9999'"))
    assert migrations.is_current(database, MIGRATIONS)
    migrations.migrate(database, MIGRATIONS)
    assert migrations.is_current(database, MIGRATIONS)
