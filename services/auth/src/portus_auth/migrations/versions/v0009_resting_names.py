"""Note until when the name of a deleted namespace rests.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portus_shared.tables import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; empty, as in what was deleted before, the name does not rest."""
    op.add_column("namespaces", sa.Column("name_rests_until", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Drop the column: whoever comes first takes a free name."""
    op.drop_column("namespaces", "name_rests_until")
