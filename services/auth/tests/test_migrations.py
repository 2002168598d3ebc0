"""The migrations make exactly the tables that the code declares, and can be taken back."""

from services.auth.tests.people import People, created
from sqlalchemy import text

from portus_auth.app import Auth
from portus_auth.storage.tables import Base
from portus_shared import migrations
from portus_shared.db import Database

PACKAGE = "portus_auth.migrations"
BEFORE_LIMITS = "0004"


def test_migrations_make_the_declared_tables_and_can_be_taken_back(database_url: str) -> None:
    database = Database(database_url, schema="auth")
    migrations.migrate(database, PACKAGE)
    assert migrations.is_current(database, PACKAGE)
    assert list(migrations.drift(database, Base.metadata)) == []
    migrations.downgrade(database, PACKAGE, "base")
    migrations.migrate(database, PACKAGE)
    assert list(migrations.drift(database, Base.metadata)) == []
    database.close()


def test_going_back_voids_what_would_be_worth_more_without_its_limits(
    auth: Auth, people: People
) -> None:
    path = f"/api/v1/users/{people['alice'].id}/application_tokens"
    for body in (
        {"application": "scoped", "scopes": ["*:pull"]},
        {"application": "ending", "expires_at": "2100-01-01T00:00:00Z"},
    ):
        created(people["alice"].post(path, json=body))
    people.machine(None, "*:pull")
    migrations.downgrade(auth.database, PACKAGE, BEFORE_LIMITS)
    tokens = "SELECT application FROM application_tokens WHERE deleted_at IS NULL ORDER BY id"
    accounts = "SELECT username FROM users WHERE deleted_at IS NULL AND enabled ORDER BY id"
    with auth.database.read() as session:
        assert session.scalars(text(tokens)).all() == ["bootstrap", "test"]
        assert session.scalars(text(accounts)).all() == ["root", "alice"]
