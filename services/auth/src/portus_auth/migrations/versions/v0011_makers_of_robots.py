"""Note who made a robot.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; empty for the robots that there are."""
    op.add_column("robots", sa.Column("created_by", sa.String(255), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("robots", "created_by")
