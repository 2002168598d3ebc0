"""ui's table: browser sessions, found by the hash of their cookie."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import MetaData

from portus_shared.db import NAMING, UtcDateTime


class Base(DeclarativeBase):
    """Hold ui's metadata."""

    metadata = MetaData(naming_convention=NAMING)


class BrowserSession(Base):
    """One signed-in browser: who holds the cookie acts with auth's sign-in `handle`."""

    __tablename__ = "browser_session"

    cookie_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    handle: Mapped[str] = mapped_column(String(255))
    username: Mapped[str] = mapped_column(String(255), index=True)
    remembered: Mapped[bool] = mapped_column(Boolean)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
