"""Make sync's tables."""

import sqlalchemy as sa
from alembic import op

from portus_shared.db import BigId, UtcDateTime
from portus_shared.migrations import create_shared_tables, drop_shared_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables."""
    create_shared_tables(op)
    _create_received()
    _create_quarantine()
    _create_registries()
    _create_jobs()
    _create_removals()
    _create_scans()


def downgrade() -> None:
    """Drop all tables."""
    op.drop_table("scan_failure")
    op.drop_table("scan")
    op.drop_table("removal")
    op.drop_table("describe_job")
    op.drop_table("registry_instance")
    op.drop_table("registry")
    op.drop_table("quarantined")
    op.drop_table("pull")
    op.drop_table("notification")
    drop_shared_tables(op)


def _create_received() -> None:
    op.create_table(
        "notification",
        sa.Column("id", BigId, nullable=False),
        sa.Column("registry", sa.String(length=255), nullable=False),
        sa.Column("event_id", sa.String(length=255), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=True),
        sa.Column("repository", sa.String(length=255), nullable=True),
        sa.Column("tag", sa.String(length=128), nullable=True),
        sa.Column("digest", sa.String(length=140), nullable=True),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("instance_id", sa.String(length=255), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notification"),
        sa.UniqueConstraint("registry", "event_id", name="uq_notification_registry_event_id"),
    )
    op.create_index("ix_notification_received_at", "notification", ["received_at"], unique=False)
    op.create_table(
        "pull",
        sa.Column("id", BigId, nullable=False),
        sa.Column("registry", sa.String(length=255), nullable=False),
        sa.Column("repository", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=140), nullable=False),
        sa.Column("tag", sa.String(length=128), nullable=True),
        sa.Column("pulled_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pull"),
    )


def _create_quarantine() -> None:
    op.create_table(
        "quarantined",
        sa.Column("id", BigId, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("last_received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quarantined"),
        sa.UniqueConstraint("fingerprint", name="uq_quarantined_fingerprint"),
    )
    op.create_index(
        "ix_quarantined_last_received_at", "quarantined", ["last_received_at"], unique=False
    )


def _create_registries() -> None:
    op.create_table(
        "registry",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("external_host", sa.String(length=255), nullable=False),
        sa.Column("ca", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_registry"),
    )
    op.create_table(
        "registry_instance",
        sa.Column("registry", sa.String(length=255), nullable=False),
        sa.Column("instance_id", sa.String(length=255), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("registry", "instance_id", name="pk_registry_instance"),
    )


def _create_jobs() -> None:
    op.create_table(
        "describe_job",
        sa.Column("id", BigId, nullable=False),
        sa.Column("registry", sa.String(length=255), nullable=False),
        sa.Column("repository", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=140), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_describe_job"),
        sa.UniqueConstraint(
            "registry", "repository", "digest", name="uq_describe_job_registry_repository_digest"
        ),
    )
    op.create_index(
        "ix_describe_job_state_next_try_at", "describe_job", ["state", "next_try_at"], unique=False
    )


def _create_removals() -> None:
    op.create_table(
        "removal",
        sa.Column("id", BigId, nullable=False),
        sa.Column("registry", sa.String(length=255), nullable=False),
        sa.Column("repository", sa.String(length=255), nullable=False),
        sa.Column("tag", sa.String(length=128), nullable=False),
        sa.Column("digest", sa.String(length=140), nullable=True),
        sa.Column("scan_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_removal"),
        sa.UniqueConstraint(
            "registry", "repository", "tag", name="uq_removal_registry_repository_tag"
        ),
    )
    op.create_index("ix_removal_scan_id", "removal", ["scan_id"], unique=False)
    op.create_index(
        "ix_removal_state_next_try_at", "removal", ["state", "next_try_at"], unique=False
    )


def _create_scans() -> None:
    op.create_table(
        "scan",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("registry", sa.String(length=255), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("repositories", sa.Integer(), nullable=True),
        sa.Column("repositories_done", sa.Integer(), nullable=False),
        sa.Column("tags", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_scan"),
    )
    op.create_index("ix_scan_requested_at", "scan", ["requested_at"], unique=False)
    op.create_index("ix_scan_state_next_try_at", "scan", ["state", "next_try_at"], unique=False)
    op.create_table(
        "scan_failure",
        sa.Column("scan_id", sa.String(length=36), nullable=False),
        sa.Column("repository", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name="fk_scan_failure_scan_id_scan", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scan_id", "repository", name="pk_scan_failure"),
    )
