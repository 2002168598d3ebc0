"""Remember what the settings last said about a registry, so that an admin's change can stay.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the next start applies the settings once more, as before."""
    op.add_column(
        "registries", sa.Column("settings_seen", sa.Text(), nullable=False, server_default="")
    )


def downgrade() -> None:
    """Drop the column: settings win at every start."""
    op.drop_column("registries", "settings_seen")
