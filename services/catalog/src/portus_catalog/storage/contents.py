"""Tables of what is in the registry: repositories, tags, manifests, and what happened to them.

Ids are never reused. A row stays when the thing is gone from the registry, because its stamps
decide about facts that arrive late; `alive`, `state` and `standing` say what is there now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portus_catalog.storage.base import Base, Digest, Name, Stamp
from portus_shared.db import BigId, Json, UtcDateTime

# Nearly all are: as the first column of an index it would lead SQLite to read them all by that.
_ALIVE: Final[Mapping[str, Any]] = {
    "postgresql_where": text("alive"),
    "sqlite_where": text("alive = 1"),
}


class RepositoryRow(Base):
    """One repository; counters and the last push are kept up to date by every change.

    `deleting_since` is when all of it was asked to go, as long as that is under way.
    """

    __tablename__ = "repositories"
    __table_args__ = (
        UniqueConstraint("registry", "full_name"),
        Index(None, "namespace", "registry", "path", "alive"),
        *(Index(None, column, "id", **_ALIVE) for column in ("full_name", "path", "updated_at")),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registry_name: Mapped[str] = mapped_column("registry", Name)
    full_name: Mapped[str] = mapped_column(Name)
    namespace: Mapped[str] = mapped_column(Name)
    path: Mapped[str] = mapped_column(Name)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())
    description: Mapped[str | None] = mapped_column(Text)
    alive: Mapped[bool] = mapped_column(default=False)
    tags_count: Mapped[int] = mapped_column(default=0)
    images_count: Mapped[int] = mapped_column(default=0)
    untagged_count: Mapped[int] = mapped_column(default=0)
    manifests_count: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    last_push_stamp: Mapped[int | None] = mapped_column(Stamp)
    last_push_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    last_push_by: Mapped[str | None] = mapped_column(Text)
    last_push_tag: Mapped[str | None] = mapped_column(String(128))
    last_push_digest: Mapped[str | None] = mapped_column(Digest)
    pulls_count: Mapped[int] = mapped_column(BigInteger, default=0)
    last_pulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    deleting_since: Mapped[datetime | None] = mapped_column(UtcDateTime())


class ManifestRow(Base):
    """One manifest of a registry; everything beside its media type is known once described."""

    __tablename__ = "manifests"
    __table_args__ = (
        UniqueConstraint("registry", "digest"),
        Index(
            None,
            "registry",
            "subject",
            postgresql_where=text("subject IS NOT NULL"),
            sqlite_where=text("subject IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registry_name: Mapped[str] = mapped_column("registry", Name)
    digest: Mapped[str] = mapped_column(Digest)
    media_type: Mapped[str] = mapped_column(Text)
    described: Mapped[bool] = mapped_column(default=False)
    artifact_type: Mapped[str | None] = mapped_column(Text)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    config: Mapped[dict[str, Any] | None] = mapped_column(Json)
    layers: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    annotations: Mapped[dict[str, Any] | None] = mapped_column(Json)
    subject: Mapped[str | None] = mapped_column(Digest)
    children_count: Mapped[int] = mapped_column(default=0)
    raw: Mapped[str | None] = mapped_column(Text, deferred=True)


class ChildRow(Base):
    """One entry of an index, in the index's order; the child need not be known itself."""

    __tablename__ = "manifest_children"
    __table_args__ = (Index(None, "digest"),)

    manifest_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("manifests.id"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(Digest)
    media_type: Mapped[str] = mapped_column(Text)
    os: Mapped[str | None] = mapped_column(Text)
    architecture: Mapped[str | None] = mapped_column(Text)
    variant: Mapped[str | None] = mapped_column(Text)


class ImageRow(Base):
    """One manifest in one repository: its presence register, its standing and its pulls.

    `changed_at` is when it was last pushed, or first seen where no push was. `attached_to` is the
    digest that a tag once attached it to: it stays when the tag moves on, as cosign's do when an
    image is signed again, so that what is left over is not taken for an image without a tag.
    """

    __tablename__ = "images"
    __table_args__ = (
        UniqueConstraint("repository_id", "digest"),
        Index(
            None,
            "repository_id",
            "attached_to",
            postgresql_where=text("attached_to IS NOT NULL"),
            sqlite_where=text("attached_to IS NOT NULL"),
        ),
        Index(None, "repository_id", "standing", "changed_at", "id"),
        Index(None, "manifest_id", "repository_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    repository_id: Mapped[int] = mapped_column(BigId, ForeignKey("repositories.id"))
    manifest_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("manifests.id"))
    digest: Mapped[str] = mapped_column(Digest)
    seen: Mapped[int] = mapped_column(Stamp)
    deleted: Mapped[int] = mapped_column(Stamp)
    standing: Mapped[str] = mapped_column(String(16))
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    has_subject: Mapped[bool]
    has_children: Mapped[bool]
    attached_to: Mapped[str | None] = mapped_column(Digest)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime())
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime())
    push_stamp: Mapped[int | None] = mapped_column(Stamp)
    pushed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    pushed_by: Mapped[str | None] = mapped_column(Text)
    pulls_count: Mapped[int] = mapped_column(BigInteger, default=0)
    last_pulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class TagRow(Base):
    """One tag: its pointer register; `state` (live, folded, gone) follows from it and its image."""

    __tablename__ = "tags"
    __table_args__ = (
        UniqueConstraint("repository_id", "name"),
        Index(None, "repository_id", "state", "id"),
        Index(None, "repository_id", "state", "name"),
        Index(None, "repository_id", "state", "updated_at", "id"),
        Index(None, "repository_id", "digest", "state", "updated_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    repository_id: Mapped[int] = mapped_column(BigId, ForeignKey("repositories.id"))
    name: Mapped[str] = mapped_column(
        String(128).with_variant(String(128, collation="C"), "postgresql")
    )
    digest: Mapped[str | None] = mapped_column(Digest)
    observed_at: Mapped[int] = mapped_column(Stamp)
    state: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())
    push_stamp: Mapped[int | None] = mapped_column(Stamp)
    pushed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    pushed_by: Mapped[str | None] = mapped_column(Text)
    pulls_count: Mapped[int] = mapped_column(BigInteger, default=0)
    last_pulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class StarRow(Base):
    """One person's star on one repository."""

    __tablename__ = "stars"

    repository_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("repositories.id"), primary_key=True, autoincrement=False
    )
    username: Mapped[str] = mapped_column(Name, primary_key=True)
