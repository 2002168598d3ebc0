"""Create the browser sessions."""

import sqlalchemy as sa
from alembic import op

from portus_shared.db import UtcDateTime
from portus_shared.migrations import create_shared_tables, drop_shared_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create ui's table and the shared ones."""
    create_shared_tables(op)
    op.create_table(
        "browser_session",
        sa.Column("cookie_hash", sa.String(64), nullable=False),
        sa.Column("handle", sa.String(255), nullable=False),
        sa.Column("username", sa.String(255), nullable=False),
        sa.Column("remembered", sa.Boolean(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("cookie_hash", name="pk_browser_session"),
    )
    op.create_index("ix_browser_session_username", "browser_session", ["username"])
    op.create_index("ix_browser_session_expires_at", "browser_session", ["expires_at"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("browser_session")
    drop_shared_tables(op)
