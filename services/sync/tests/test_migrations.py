"""The migrations make exactly the tables that the code declares, and can be taken back."""

from portus_shared import migrations
from portus_shared.db import Database
from portus_sync.app import MIGRATIONS
from portus_sync.config import SCHEMA
from portus_sync.storage.tables import Base


def test_migrations_make_the_declared_tables_and_can_be_taken_back(database_url: str) -> None:
    database = Database(database_url, schema=SCHEMA)
    migrations.migrate(database, MIGRATIONS)
    assert migrations.is_current(database, MIGRATIONS)
    assert list(migrations.drift(database, Base.metadata)) == []
    migrations.downgrade(database, MIGRATIONS, "base")
    migrations.migrate(database, MIGRATIONS)
    assert list(migrations.drift(database, Base.metadata)) == []
    database.close()
