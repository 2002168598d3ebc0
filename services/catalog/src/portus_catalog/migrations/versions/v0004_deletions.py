"""Create the table of what is to be deleted, and mark the repositories that go as a whole.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

from portus_shared.tables import UtcDateTime

revision = "0004"
down_revision = "0003"

DIGEST = sa.String(length=140)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TAG = sa.String(length=128).with_variant(sa.String(length=128, collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table and the column."""
    op.create_table(
        "deletions",
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("repository_id", KEY, nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("tag", TAG, nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_deletions_repository_id_repositories"
        ),
        sa.PrimaryKeyConstraint("request_id", name="pk_deletions"),
        sa.UniqueConstraint(
            "repository_id", "digest", "tag", name="uq_deletions_repository_id_digest_tag"
        ),
    )
    op.add_column("repositories", sa.Column("deleting_since", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("repositories", "deleting_since")
    op.drop_table("deletions")
