"""Create the tables of what is in the registry.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portus_shared.tables import UtcDateTime

revision = "0002"
down_revision = "0001"

NAME = sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql")
TAG = sa.String(length=128).with_variant(sa.String(length=128, collation="C"), "postgresql")
DIGEST = sa.String(length=140)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    _create_manifests()
    _create_repositories()
    _create_images()
    _create_manifest_children()
    _create_stars()
    _create_tags()


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("tags")
    op.drop_table("stars")
    op.drop_table("manifest_children")
    op.drop_table("images")
    op.drop_table("repositories")
    op.drop_table("manifests")


def _create_manifests() -> None:
    op.create_table(
        "manifests",
        sa.Column("id", KEY, nullable=False),
        sa.Column("registry", NAME, nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("described", sa.Boolean(), nullable=False),
        sa.Column("artifact_type", sa.Text()),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("config", JSON),
        sa.Column("layers", JSON),
        sa.Column("annotations", JSON),
        sa.Column("subject", DIGEST),
        sa.Column("children_count", sa.Integer(), nullable=False),
        sa.Column("raw", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_manifests"),
        sa.UniqueConstraint("registry", "digest", name="uq_manifests_registry_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_manifests_registry_subject", "manifests", ["registry", "subject"])


def _create_repositories() -> None:
    op.create_table(
        "repositories",
        sa.Column("id", KEY, nullable=False),
        sa.Column("registry", NAME, nullable=False),
        sa.Column("full_name", NAME, nullable=False),
        sa.Column("namespace", NAME, nullable=False),
        sa.Column("path", NAME, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("alive", sa.Boolean(), nullable=False),
        sa.Column("tags_count", sa.Integer(), nullable=False),
        sa.Column("images_count", sa.Integer(), nullable=False),
        sa.Column("untagged_count", sa.Integer(), nullable=False),
        sa.Column("manifests_count", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("last_push_stamp", sa.BigInteger()),
        sa.Column("last_push_at", UtcDateTime()),
        sa.Column("last_push_by", sa.Text()),
        sa.Column("last_push_tag", sa.String(length=128)),
        sa.Column("last_push_digest", DIGEST),
        sa.Column("pulls_count", sa.BigInteger(), nullable=False),
        sa.Column("last_pulled_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_repositories"),
        sa.UniqueConstraint("registry", "full_name", name="uq_repositories_registry_full_name"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_repositories_alive_full_name_id", "repositories", ["alive", "full_name", "id"]
    )
    op.create_index(
        "ix_repositories_alive_last_push_at_id", "repositories", ["alive", "last_push_at", "id"]
    )
    op.create_index(
        "ix_repositories_registry_namespace_path", "repositories", ["registry", "namespace", "path"]
    )


def _create_images() -> None:
    op.create_table(
        "images",
        sa.Column("id", KEY, nullable=False),
        sa.Column("repository_id", KEY, nullable=False),
        sa.Column("manifest_id", KEY),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.BigInteger(), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("has_subject", sa.Boolean(), nullable=False),
        sa.Column("has_children", sa.Boolean(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("push_stamp", sa.BigInteger()),
        sa.Column("pushed_at", UtcDateTime()),
        sa.Column("pushed_by", sa.Text()),
        sa.Column("pulls_count", sa.BigInteger(), nullable=False),
        sa.Column("last_pulled_at", UtcDateTime()),
        sa.ForeignKeyConstraint(
            ["manifest_id"], ["manifests.id"], name="fk_images_manifest_id_manifests"
        ),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_images_repository_id_repositories"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_images"),
        sa.UniqueConstraint("repository_id", "digest", name="uq_images_repository_id_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_images_manifest_id", "images", ["manifest_id"])
    op.create_index(
        "ix_images_repository_id_standing_changed_at_id",
        "images",
        ["repository_id", "standing", "changed_at", "id"],
    )


def _create_manifest_children() -> None:
    op.create_table(
        "manifest_children",
        sa.Column("manifest_id", KEY, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("os", sa.Text()),
        sa.Column("architecture", sa.Text()),
        sa.Column("variant", sa.Text()),
        sa.ForeignKeyConstraint(
            ["manifest_id"], ["manifests.id"], name="fk_manifest_children_manifest_id_manifests"
        ),
        sa.PrimaryKeyConstraint("manifest_id", "position", name="pk_manifest_children"),
    )
    op.create_index("ix_manifest_children_digest", "manifest_children", ["digest"])


def _create_stars() -> None:
    op.create_table(
        "stars",
        sa.Column("repository_id", KEY, autoincrement=False, nullable=False),
        sa.Column("username", NAME, nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_stars_repository_id_repositories"
        ),
        sa.PrimaryKeyConstraint("repository_id", "username", name="pk_stars"),
    )


def _create_tags() -> None:
    op.create_table(
        "tags",
        sa.Column("id", KEY, nullable=False),
        sa.Column("repository_id", KEY, nullable=False),
        sa.Column("name", TAG, nullable=False),
        sa.Column("digest", DIGEST),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("push_stamp", sa.BigInteger()),
        sa.Column("pushed_at", UtcDateTime()),
        sa.Column("pushed_by", sa.Text()),
        sa.Column("pulls_count", sa.BigInteger(), nullable=False),
        sa.Column("last_pulled_at", UtcDateTime()),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name="fk_tags_repository_id_repositories"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tags"),
        sa.UniqueConstraint("repository_id", "name", name="uq_tags_repository_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tags_repository_id_digest", "tags", ["repository_id", "digest"])
    op.create_index("ix_tags_repository_id_state_id", "tags", ["repository_id", "state", "id"])
    op.create_index("ix_tags_repository_id_state_name", "tags", ["repository_id", "state", "name"])
    op.create_index(
        "ix_tags_repository_id_state_updated_at_id",
        "tags",
        ["repository_id", "state", "updated_at", "id"],
    )
