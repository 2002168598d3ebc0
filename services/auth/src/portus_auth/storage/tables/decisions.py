"""What the token realm decided, for those who ask why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from portus_auth.storage.base import Base
from portus_shared.db import BigId, Json


class DecisionRow(Base):
    """The same decision, made `count` times within one hour since the epoch.

    Without `user_id` it was nobody. `visible`: the asker may know that the namespace exists.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        Unique("fingerprint", "hour"),
        Index("ix_decisions_last_at_id", "last_at", "id"),
        Index("ix_decisions_outcome_last_at_id", "outcome", "last_at", "id"),
        Index("ix_decisions_user_id_last_at_id", "user_id", "last_at", "id"),
        Index("ix_decisions_repository_last_at_id", "repository", "last_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    hour: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(16))
    registry_host: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    username: Mapped[str] = mapped_column(String(255))
    address: Mapped[str] = mapped_column(String(255))
    client: Mapped[str] = mapped_column(String(255))
    repository: Mapped[str] = mapped_column(String(255))
    asked: Mapped[list[Any]] = mapped_column(Json)
    granted: Mapped[list[Any]] = mapped_column(Json)
    because: Mapped[list[Any]] = mapped_column(Json)
    needed: Mapped[list[Any]] = mapped_column(Json)
    visible: Mapped[bool]
