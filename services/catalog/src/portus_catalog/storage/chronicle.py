"""Tables of what happened: tag moves, activities, and scans under way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portus_catalog.storage.base import Base, Digest, Stamp
from portus_shared.db import BigId, Json, UtcDateTime


class TagMoveRow(Base):
    """One fact about what a tag pointed to; `source` is push, scan or delete (then no digest)."""

    __tablename__ = "tag_history"
    __table_args__ = (
        UniqueConstraint("repository_id", "tag", "observed_at", "source", "digest"),
        Index(None, "repository_id", "tag", "digest", "observed_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    repository_id: Mapped[int] = mapped_column(BigId, ForeignKey("repositories.id"))
    tag: Mapped[str] = mapped_column(String(128))
    digest: Mapped[str] = mapped_column(Digest)
    source: Mapped[str] = mapped_column(String(8))
    observed_at: Mapped[int] = mapped_column(Stamp)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime())
    actor: Mapped[str | None] = mapped_column(Text)


class ActivityRow(Base):
    """One thing that happened; without a repository it is for admins only.

    `same` makes a fact told twice one activity.
    """

    __tablename__ = "activities"
    __table_args__ = (
        UniqueConstraint("same"),
        Index(None, "occurred_at", "id"),
        Index(None, "repository_id", "occurred_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    repository_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("repositories.id"))
    tag: Mapped[str | None] = mapped_column(String(128))
    digest: Mapped[str | None] = mapped_column(Digest)
    actor: Mapped[str | None] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime())
    details: Mapped[dict[str, Any] | None] = mapped_column(Json)
    same: Mapped[str] = mapped_column(Text)


class ScannedRow(Base):
    """How far one scan's observation of one repository has come, part by part."""

    __tablename__ = "scanned"

    scan_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    repository_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("repositories.id"), primary_key=True, autoincrement=False
    )
    observed_at: Mapped[int] = mapped_column(Stamp)
    parts: Mapped[int] = mapped_column(Integer)
    seen_parts: Mapped[list[int]] = mapped_column(Json)
    differences: Mapped[list[list[Any]]] = mapped_column(Json)
