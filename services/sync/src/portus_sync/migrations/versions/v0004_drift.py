"""Make the table of how the registry differed from the catalogue."""

import sqlalchemy as sa
from alembic import op

from portus_shared.db import BigId, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "drift",
        sa.Column("id", BigId, nullable=False),
        sa.Column("scan_id", sa.String(length=36), nullable=False),
        sa.Column("scan_cause", sa.String(length=20), nullable=False),
        sa.Column("registry", sa.String(length=255), nullable=False),
        sa.Column("repository", sa.String(length=255), nullable=False),
        sa.Column("tag", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("known_digest", sa.String(length=140), nullable=True),
        sa.Column("found_digest", sa.String(length=140), nullable=True),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drift"),
        sa.UniqueConstraint("scan_id", "repository", "tag", name="uq_drift_scan_id_repository_tag"),
    )
    op.create_index("ix_drift_found_at", "drift", ["found_at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("drift")
