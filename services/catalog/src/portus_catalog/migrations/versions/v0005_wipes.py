"""Create the table of the deleted namespaces that are being emptied.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

from portus_shared.tables import UtcDateTime

revision = "0005"
down_revision = "0004"

NAME = sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "wipes",
        sa.Column("registry", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("namespace_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("cleared_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("registry", "namespace", name="pk_wipes"),
    )
    op.create_index("ix_wipes_next_try_at", "wipes", ["next_try_at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("wipes")
