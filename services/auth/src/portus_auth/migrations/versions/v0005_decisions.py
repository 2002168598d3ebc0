"""Create the table of decisions, the token realm's log.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portus_shared.tables import BigId, Json, UtcDateTime

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXTS = ("registry_host", "username", "address", "client", "repository")
_LISTS = ("asked", "granted", "because", "needed")


def upgrade() -> None:
    """Make the table."""
    asker = sa.ForeignKey("users.id", name=op.f("fk_decisions_user_id_users"))
    op.create_table(
        "decisions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer(), asker),
        *(sa.Column(name, sa.String(255), nullable=False) for name in _TEXTS),
        *(sa.Column(name, Json, nullable=False) for name in _LISTS),
        sa.Column("visible", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("fingerprint", "hour", name=op.f("uq_decisions_fingerprint_hour")),
        sqlite_autoincrement=True,
    )
    for columns in (("last_at",), ("user_id", "last_at"), ("repository", "last_at")):
        name = f"ix_decisions_{'_'.join(columns)}_id"
        op.create_index(op.f(name), "decisions", [*columns, "id"])


def downgrade() -> None:
    """Drop the table: the log begins anew."""
    op.drop_table("decisions")
