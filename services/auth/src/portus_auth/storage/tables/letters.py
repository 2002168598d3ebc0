"""Letters that people wait for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portus_auth.storage.base import Base


class Letter(Base):
    """Somebody asked for a letter that lets them set their password.

    `login` is what they typed, known or not, and goes when the letter has ended. What the letter
    says is made when it is sent and is not kept. `due_at` is when it is tried next, `outcome`
    what came of it in the end: sent or failed.
    """

    __tablename__ = "letters"
    __table_args__ = (
        Index(
            "ix_letters_due_at",
            "due_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(255))
    address: Mapped[str] = mapped_column(String(255))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(255))
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
