"""Tables of what was asked of the registry, through sync, and is not done yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portus_catalog.storage.base import Base, Digest, Name, Stamp
from portus_shared.db import BigId, UtcDateTime


class DeletionRow(Base):
    """A manifest that is to go, or only its tag `tag`; the empty tag is the manifest itself.

    What it names shows as *deleting* until sync says how that ended: the row goes, or says since
    when and why it has failed.
    """

    __tablename__ = "deletions"
    __table_args__ = (UniqueConstraint("repository_id", "digest", "tag"),)

    request_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    repository_id: Mapped[int] = mapped_column(BigId, ForeignKey("repositories.id"))
    digest: Mapped[str] = mapped_column(Digest)
    tag: Mapped[str] = mapped_column(
        String(128).with_variant(String(128, collation="C"), "postgresql")
    )
    requested_by: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime())
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    failure: Mapped[str | None] = mapped_column(Text)


class WipeRow(Base):
    """A deleted namespace that is being emptied.

    `next_try_at` is when to look at it again. `cleared_at` is when nothing known was left in it:
    from then on it waits for a scan to confirm that.
    """

    __tablename__ = "wipes"
    __table_args__ = (Index(None, "next_try_at"),)

    registry_name: Mapped[str] = mapped_column("registry", Name, primary_key=True)
    namespace: Mapped[str] = mapped_column(Name, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(Stamp)
    requested_by: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime())
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
