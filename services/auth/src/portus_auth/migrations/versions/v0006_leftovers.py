"""Note what becomes of the images of a deleted namespace.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; empty, as in what was deleted before, is: images are kept."""
    op.add_column("namespaces", sa.Column("leftovers", sa.String(16), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("namespaces", "leftovers")
