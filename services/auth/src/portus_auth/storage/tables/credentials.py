"""What people and programs prove by who they are; only keyed hashes of secrets are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portus_auth.storage.base import Base, Revised
from portus_auth.storage.columns import ScopesText
from portus_auth.storage.tables.installation import Registry
from portus_auth.storage.tables.people import User
from portus_shared.clock import now
from portus_shared.scopes import Scope

_ALIVE: Final = text("deleted_at IS NULL")


class ApplicationToken(Revised, Base):
    """A secret for one application of one user; only its keyed hash is kept.

    `prefix` is the secret's first characters, for people to recognise it by. Without `scopes` it
    has all rights of its owner. The last use is known to a few minutes, and is no change of what
    the token is: it has no revision.
    """

    __tablename__ = "application_tokens"
    __table_args__ = (
        Index(
            "uq_application_tokens_user_id",
            "user_id",
            "application",
            unique=True,
            sqlite_where=_ALIVE,
            postgresql_where=_ALIVE,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    application: Mapped[str] = mapped_column(String(255))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    prefix: Mapped[str] = mapped_column(String(16))
    scopes: Mapped[tuple[Scope, ...] | None] = mapped_column(ScopesText())
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_used_address: Mapped[str | None] = mapped_column(String(255))

    user: Mapped[User] = relationship(lazy="raise")

    @property
    def expired(self) -> bool:
        """Tell whether the token's time is over."""
        return self.expires_at is not None and self.expires_at <= now()


class RefreshToken(Revised, Base):
    """A docker client that stays signed in to one registry; only the secret's hash is kept.

    It lives with the credential it was given for: `password_mark` tells which stored password,
    empty where `application_token_id` does. `used_at` is kept to the hour, from the beginning.
    """

    __tablename__ = "refresh_tokens"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's protocol

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registries.id"))
    application_token_id: Mapped[int | None] = mapped_column(ForeignKey("application_tokens.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    password_mark: Mapped[str] = mapped_column(String(64))
    client: Mapped[str] = mapped_column(String(255))
    address: Mapped[str] = mapped_column(String(255))
    used_at: Mapped[datetime] = mapped_column(index=True)

    user: Mapped[User] = relationship(lazy="raise")
    its_registry: Mapped[Registry] = relationship(lazy="raise")
    application_token: Mapped[ApplicationToken | None] = relationship(lazy="raise")


class SignIn(Base):
    """One browser that a person signed in with; `handle_hash` is the keyed hash of its handle."""

    __tablename__ = "sign_ins"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's protocol

    id: Mapped[int] = mapped_column(primary_key=True)
    handle_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    address: Mapped[str] = mapped_column(String(255))
    user_agent: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")
