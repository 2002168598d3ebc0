"""Make the table of what registries can do."""

import sqlalchemy as sa
from alembic import op

from portus_shared.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "ability",
        sa.Column("registry", sa.String(length=255), nullable=False),
        sa.Column("deletes_tags", sa.Boolean(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("registry", name="pk_ability"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("ability")
