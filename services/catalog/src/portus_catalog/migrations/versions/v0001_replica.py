"""Create the replica of what auth decided, and the tables every service has.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from portus_shared.migrations import create_shared_tables, drop_shared_tables
from portus_shared.tables import UtcDateTime

revision = "0001"
down_revision = None

NAME = sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    create_shared_tables(op)
    _create_access()
    _create_namespaces()
    _create_registries()
    _create_replica()
    _create_team_members()
    _create_teams()
    _create_users()


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("users")
    op.drop_table("teams")
    op.drop_table("team_members")
    op.drop_table("replica")
    op.drop_table("registries")
    op.drop_table("namespaces")
    op.drop_table("access")
    drop_shared_tables(op)


def _create_access() -> None:
    op.create_table(
        "access",
        sa.Column("registry", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("path_prefix", NAME, nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("may_pull", sa.Boolean(), nullable=False),
        sa.Column("may_push", sa.Boolean(), nullable=False),
        sa.Column("may_delete", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "registry", "namespace", "path_prefix", "subject_kind", "subject", name="pk_access"
        ),
    )
    op.create_index(
        "ix_access_subject_kind_subject_registry_namespace",
        "access",
        ["subject_kind", "subject", "registry", "namespace"],
    )


def _create_namespaces() -> None:
    op.create_table(
        "namespaces",
        sa.Column("registry", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("namespace_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.Integer()),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("registry", "name", name="pk_namespaces"),
    )
    op.create_index("ix_namespaces_namespace_id", "namespaces", ["namespace_id"])


def _create_registries() -> None:
    op.create_table(
        "registries",
        sa.Column("name", NAME, nullable=False),
        sa.Column("external_host", sa.String(length=255), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_registries"),
    )


def _create_replica() -> None:
    op.create_table(
        "replica",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("replica_id", sa.String(length=36), nullable=False),
        sa.Column("generation", sa.BigInteger()),
        sa.Column("filled_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_replica"),
    )


def _create_team_members() -> None:
    op.create_table(
        "team_members",
        sa.Column("team_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("username", NAME, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "username", name="pk_team_members"),
    )
    op.create_index("ix_team_members_username", "team_members", ["username"])


def _create_teams() -> None:
    op.create_table(
        "teams",
        sa.Column("team_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", name="pk_teams"),
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("username", NAME, nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("username", name="pk_users"),
    )
