"""The migrations make exactly the tables that the code declares, and can be taken back."""

from portus_auth.storage.tables import Base
from portus_shared import migrations
from portus_shared.db import Database

PACKAGE = "portus_auth.migrations"


def test_migrations_make_the_declared_tables_and_can_be_taken_back(database_url: str) -> None:
    database = Database(database_url, schema="auth")
    migrations.migrate(database, PACKAGE)
    assert migrations.is_current(database, PACKAGE)
    assert list(migrations.drift(database, Base.metadata)) == []
    migrations.downgrade(database, PACKAGE, "base")
    migrations.migrate(database, PACKAGE)
    assert list(migrations.drift(database, Base.metadata)) == []
    database.close()
