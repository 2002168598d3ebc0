"""Give application tokens scopes, an end and a last use; create the table of robots.

Revision ID: 0003
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from portus_shared.tables import UtcDateTime

revision = "0003"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and make the table."""
    op.add_column("application_tokens", sa.Column("scopes", sa.Text()))
    op.add_column("application_tokens", sa.Column("expires_at", UtcDateTime()))
    op.add_column("application_tokens", sa.Column("last_used_at", UtcDateTime()))
    op.add_column("application_tokens", sa.Column("last_used_address", sa.String(255)))
    op.add_column(
        "users", sa.Column("robot", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    _create_robots()


def downgrade() -> None:
    """Drop them; what would be worth more without its limits is void from then on."""
    op.execute(
        "UPDATE application_tokens SET deleted_at = updated_at"
        " WHERE deleted_at IS NULL AND (scopes IS NOT NULL OR expires_at IS NOT NULL"
        " OR user_id IN (SELECT user_id FROM robots))"
    )
    op.execute(
        "UPDATE users SET deleted_at = updated_at, enabled = FALSE"
        " WHERE id IN (SELECT user_id FROM robots)"
    )
    op.drop_table("robots")
    op.drop_column("users", "robot")
    for column in ("scopes", "expires_at", "last_used_at", "last_used_address"):
        op.drop_column("application_tokens", column)


def _create_robots() -> None:
    op.create_table(
        "robots",
        sa.Column("id", sa.Integer(), nullable=False),
        _reference("user_id", "users"),
        _reference("namespace_id", "namespaces", nullable=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("permissions", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("deleted_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robots")),
        sa.UniqueConstraint("user_id", name=op.f("uq_robots_user_id")),
        sqlite_autoincrement=True,
    )
    for column in ("namespace_id", "revision"):
        op.create_index(op.f(f"ix_robots_{column}"), "robots", [column])


def _reference(name: str, target: str, *, nullable: bool = False) -> sa.Column[Any]:
    key = sa.ForeignKey(f"{target}.id", name=op.f(f"fk_robots_{name}_{target}"))
    return sa.Column(name, sa.Integer(), key, nullable=nullable)
