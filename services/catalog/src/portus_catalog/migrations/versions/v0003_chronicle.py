"""Create the tables of what happened.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portus_shared.tables import UtcDateTime

revision = "0003"
down_revision = "0002"

DIGEST = sa.String(length=140)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    _create_activities()
    _create_scanned()
    _create_tag_history()


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("tag_history")
    op.drop_table("scanned")
    op.drop_table("activities")


def _create_activities() -> None:
    op.create_table(
        "activities",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("repository_id", KEY),
        sa.Column("tag", sa.String(length=128)),
        sa.Column("digest", DIGEST),
        sa.Column("actor", sa.Text()),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("details", JSON),
        sa.Column("same", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_activities_repository_id_repositories"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_activities"),
        sa.UniqueConstraint("same", name="uq_activities_same"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_activities_occurred_at_id", "activities", ["occurred_at", "id"])
    op.create_index(
        "ix_activities_repository_id_occurred_at_id",
        "activities",
        ["repository_id", "occurred_at", "id"],
    )


def _create_scanned() -> None:
    op.create_table(
        "scanned",
        sa.Column("scan_id", sa.String(length=64), nullable=False),
        sa.Column("repository_id", KEY, autoincrement=False, nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("seen_parts", JSON, nullable=False),
        sa.Column("differences", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_scanned_repository_id_repositories"
        ),
        sa.PrimaryKeyConstraint("scan_id", "repository_id", name="pk_scanned"),
    )


def _create_tag_history() -> None:
    op.create_table(
        "tag_history",
        sa.Column("id", KEY, nullable=False),
        sa.Column("repository_id", KEY, nullable=False),
        sa.Column("tag", sa.String(length=128), nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text()),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_tag_history_repository_id_repositories"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tag_history"),
        sa.UniqueConstraint(
            "repository_id",
            "tag",
            "observed_at",
            "source",
            "digest",
            name="uq_tag_history_repository_id_tag_observed_at_source_digest",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_tag_history_repository_id_tag_digest_observed_at",
        "tag_history",
        ["repository_id", "tag", "digest", "observed_at"],
    )
