"""Make the table of what is to be deleted from registries."""

import sqlalchemy as sa
from alembic import op

from portus_shared.db import BigId, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "deletion",
        sa.Column("number", BigId, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("registry", sa.String(length=255), nullable=False),
        sa.Column("repository", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=140), nullable=False),
        sa.Column("tag", sa.String(length=128), nullable=True),
        sa.Column("requested_by", sa.String(length=255), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_deletion"),
        sa.UniqueConstraint("id", name="uq_deletion_id"),
    )
    op.create_index("ix_deletion_finished_at", "deletion", ["finished_at"])
    op.create_index(
        "ix_deletion_registry_repository_digest", "deletion", ["registry", "repository", "digest"]
    )
    op.create_index("ix_deletion_requested_by_number", "deletion", ["requested_by", "number"])
    op.create_index("ix_deletion_state_next_try_at", "deletion", ["state", "next_try_at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("deletion")
