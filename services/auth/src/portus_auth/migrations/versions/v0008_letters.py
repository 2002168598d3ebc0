"""Create the table of letters that people wait for.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portus_shared.tables import UtcDateTime

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    user = sa.ForeignKey("users.id", name=op.f("fk_letters_user_id_users"))
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(255), nullable=False),
        sa.Column("address", sa.String(255), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), user),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_letters_due_at", "letters", ["due_at"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_index(op.f("ix_letters_user_id"), "letters", ["user_id"])
    op.create_index(op.f("ix_letters_ended_at"), "letters", ["ended_at"])


def downgrade() -> None:
    """Drop the table: who waits asks again."""
    op.drop_table("letters")
