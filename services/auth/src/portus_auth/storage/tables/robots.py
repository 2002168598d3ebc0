"""Robots: accounts of machines, which have permissions of their own and no person behind them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portus_auth.storage.base import Base, Revised
from portus_auth.storage.columns import ScopesText
from portus_auth.storage.tables.people import Namespace, User
from portus_shared.scopes import Scope


class Robot(Revised, Base):
    """One robot; its account in `users` carries its full name, its tokens, and whether it may act.

    Without `namespace_id` it is global. `name` is the last part of its full name. `created_by` is
    who made it; those made before this was noted have nobody's name.
    """

    __tablename__ = "robots"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's protocol

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    namespace_id: Mapped[int | None] = mapped_column(ForeignKey("namespaces.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text, server_default="")
    created_by: Mapped[str | None] = mapped_column(String(255))
    permissions: Mapped[tuple[Scope, ...]] = mapped_column(ScopesText())

    user: Mapped[User] = relationship(lazy="raise")
    namespace: Mapped[Namespace | None] = relationship(lazy="raise")
