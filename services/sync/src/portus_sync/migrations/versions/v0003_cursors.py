"""Note how far a scan has come, so that the next one goes on there."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("scan", sa.Column("cursor", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("scan", "cursor")
