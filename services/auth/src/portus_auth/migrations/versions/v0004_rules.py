"""Create the table of the installation's switches.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0005"
branch_labels = None
depends_on = None

_SWITCHES = (
    "delete_images",
    "contributors_delete",
    "create_team",
    "manage_team",
    "create_namespace",
    "manage_namespace",
    "change_visibility",
)


def upgrade() -> None:
    """Make the table; the first start of the web process fills it."""
    op.create_table(
        "rules",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("push_images", sa.String(16), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in _SWITCHES),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
    )


def downgrade() -> None:
    """Drop the table: the settings say the same."""
    op.drop_table("rules")
