"""Create the first tables: accounts, teams, namespaces, and what lets people in.

Revision ID: 0001
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from portus_shared.migrations import create_shared_tables, drop_shared_tables
from portus_shared.tables import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ALIVE: Final = sa.text("deleted_at IS NULL")
_TABLES: Final = (
    "republications",
    "hash_keys",
    "setup_codes",
    "sign_ins",
    "application_tokens",
    "namespaces",
    "team_members",
    "teams",
    "users",
    "registries",
)


def upgrade() -> None:
    """Make all tables, those of the event plumbing first."""
    create_shared_tables(op)
    _create_registries()
    _create_users()
    _create_teams()
    _create_namespaces()
    _create_application_tokens()
    _create_entrances()
    _create_bookkeeping()


def downgrade() -> None:
    """Drop all tables."""
    for table in _TABLES:
        op.drop_table(table)
    drop_shared_tables(op)


def _create_registries() -> None:
    _create_revised(
        "registries",
        _text("name"),
        sa.Column("url", sa.Text(), nullable=False),
        _text("external_host"),
        sa.UniqueConstraint("external_host", name=op.f("uq_registries_external_host")),
        sa.UniqueConstraint("name", name=op.f("uq_registries_name")),
    )


def _create_users() -> None:
    _create_revised(
        "users",
        _text("username"),
        _text("username_key"),
        sa.Column("email", sa.String(255)),
        sa.Column("email_key", sa.String(255)),
        sa.Column("display_name", sa.String(255)),
        sa.Column("password_hash", sa.Text()),
        _flag("admin", default=False),
        _flag("enabled", default=True),
        _flag("bot", default=False),
        sa.Column("current_sign_in_at", UtcDateTime()),
        sa.Column("last_sign_in_at", UtcDateTime()),
        sa.UniqueConstraint("email_key", name=op.f("uq_users_email_key")),
        sa.UniqueConstraint("username_key", name=op.f("uq_users_username_key")),
    )


def _create_teams() -> None:
    _create_revised("teams", _text("name"), _description(), _flag("hidden", default=False))
    _create_unique_alive("uq_teams_name", "teams", ["name"])
    _create_revised(
        "team_members",
        _reference("team_members", "team_id", "teams"),
        _reference("team_members", "user_id", "users"),
        _word("role"),
        sa.UniqueConstraint("team_id", "user_id", name=op.f("uq_team_members_team_id_user_id")),
    )
    op.create_index(op.f("ix_team_members_user_id"), "team_members", ["user_id"])


def _create_namespaces() -> None:
    _create_revised(
        "namespaces",
        _reference("namespaces", "registry_id", "registries"),
        _text("name"),
        _reference("namespaces", "team_id", "teams"),
        _reference("namespaces", "owner_id", "users", nullable=True),
        _description(),
        _word("visibility"),
        _flag("is_global", default=False),
        sa.CheckConstraint(
            "NOT is_global OR visibility <> 'private'",
            name=op.f("ck_namespaces_global_not_private"),
        ),
        sa.UniqueConstraint("owner_id", name=op.f("uq_namespaces_owner_id")),
        sa.UniqueConstraint("registry_id", "name", name=op.f("uq_namespaces_registry_id_name")),
    )
    op.create_index(op.f("ix_namespaces_team_id"), "namespaces", ["team_id"])


def _create_application_tokens() -> None:
    _create_revised(
        "application_tokens",
        _reference("application_tokens", "user_id", "users"),
        _text("application"),
        sa.Column("token_hash", sa.String(64), nullable=False),
        _word("prefix"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_application_tokens_token_hash")),
    )
    _create_unique_alive(
        "uq_application_tokens_user_id", "application_tokens", ["user_id", "application"]
    )


def _create_entrances() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handle_hash", sa.String(64), nullable=False),
        _reference("sign_ins", "user_id", "users"),
        _text("address"),
        _text("user_agent"),
        _moment("created_at"),
        _moment("expires_at"),
        sa.Column("revoked_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("handle_hash", name=op.f("uq_sign_ins_handle_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sign_ins_expires_at"), "sign_ins", ["expires_at"])
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"])
    op.create_table(
        "setup_codes",
        sa.Column("code_hash", sa.String(64), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_setup_codes")),
    )


def _create_bookkeeping() -> None:
    op.create_table(
        "hash_keys",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hash_keys")),
    )
    op.create_table(
        "republications",
        sa.Column("replica_id", sa.String(100), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        _moment("answered_at"),
        sa.PrimaryKeyConstraint("replica_id", name=op.f("pk_republications")),
    )


def _create_revised(table: str, *members: Any) -> None:
    """Create a table whose rows have an id, a revision and a soft deletion."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        *members,
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("deleted_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f(f"ix_{table}_revision"), table, ["revision"])


def _create_unique_alive(name: str, table: str, columns: list[str]) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=_ALIVE, postgresql_where=_ALIVE)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(255), nullable=False)


def _word(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(16), nullable=False)


def _description() -> sa.Column[Any]:
    return sa.Column("description", sa.Text(), server_default="", nullable=False)


def _flag(name: str, *, default: bool) -> sa.Column[Any]:
    value = sa.true() if default else sa.false()
    return sa.Column(name, sa.Boolean(), server_default=value, nullable=False)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime(), nullable=False)


def _reference(table: str, name: str, target: str, *, nullable: bool = False) -> sa.Column[Any]:
    key = sa.ForeignKey(f"{target}.id", name=op.f(f"fk_{table}_{name}_{target}"))
    return sa.Column(name, sa.Integer(), key, nullable=nullable)
