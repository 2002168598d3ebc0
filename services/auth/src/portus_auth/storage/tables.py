"""The tables of auth.

Every row that a decision rests on carries the `revision` of its last change
(`portus_shared.clock.next_revision`), so that facts held in memory are refreshed by "revision
greater than the last one seen". For the same reason a deletion only sets `deleted_at`, under a
new revision. Integer ids are never reused; the names of users and namespaces stay taken after a
deletion, because images under them may still exist.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint as Unique,
    false,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from portus_auth.domain.roles import Role, Visibility
from portus_auth.storage.base import Base, Revised

__all__ = [
    "ApplicationToken",
    "Base",
    "HashKey",
    "Namespace",
    "Registry",
    "Republication",
    "Revised",
    "SetupCode",
    "SignIn",
    "Team",
    "TeamMember",
    "User",
]

_ALIVE: Final = text("deleted_at IS NULL")


class Registry(Revised, Base):
    """One registry; `name` travels in events, `external_host` is what people type.

    `external_host` is also the `service` and audience of the registry's tokens.
    """

    __tablename__ = "registries"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's protocol

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    url: Mapped[str] = mapped_column(Text)
    external_host: Mapped[str] = mapped_column(String(255), unique=True)


class Namespace(Revised, Base):
    """The first component of repository names; `_` is the global one, for names without `/`.

    `owner_id` is set on personal namespaces only. `team_id` is never empty: personal and global
    namespaces have hidden teams, the global one without members.
    """

    __tablename__ = "namespaces"
    __table_args__ = (
        Unique("registry_id", "name"),
        CheckConstraint("NOT is_global OR visibility <> 'private'", name="global_not_private"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registries.id"))
    name: Mapped[str] = mapped_column(String(255))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), unique=True)
    description: Mapped[str] = mapped_column(Text, server_default="")
    visibility: Mapped[Visibility]
    is_global: Mapped[bool] = mapped_column(server_default=false())

    owner: Mapped[User | None] = relationship(lazy="raise")
    team: Mapped[Team] = relationship(lazy="raise")


class User(Revised, Base):
    """A person, or a bot that has application tokens only.

    The `*_key` columns hold the folded form that must be unique (`domain.accounts.fold`).
    `password_hash` is argon2id's own text, absent for accounts without a password.
    """

    __tablename__ = "users"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's protocol

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(255))
    username_key: Mapped[str] = mapped_column(String(255), unique=True)
    email: Mapped[str | None] = mapped_column(String(255))
    email_key: Mapped[str | None] = mapped_column(String(255), unique=True)
    display_name: Mapped[str | None] = mapped_column(String(255))
    password_hash: Mapped[str | None] = mapped_column(Text)
    admin: Mapped[bool] = mapped_column(server_default=false())
    enabled: Mapped[bool] = mapped_column(server_default=true())
    bot: Mapped[bool] = mapped_column(server_default=false())
    current_sign_in_at: Mapped[datetime | None]
    last_sign_in_at: Mapped[datetime | None]

    namespace_id: Mapped[int | None] = column_property(
        select(Namespace.id)
        .where(Namespace.owner_id == id, Namespace.deleted_at.is_(None))
        .correlate_except(Namespace)
        .scalar_subquery()
    )


class Team(Revised, Base):
    """People with roles; `hidden` ones belong to one personal or to the global namespace."""

    __tablename__ = "teams"
    __table_args__ = (
        Index("uq_teams_name", "name", unique=True, sqlite_where=_ALIVE, postgresql_where=_ALIVE),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text, server_default="")
    hidden: Mapped[bool] = mapped_column(server_default=false())


class TeamMember(Revised, Base):
    """The role of one user in one team; a member who comes back gets the same row again."""

    __tablename__ = "team_members"
    __table_args__ = (Unique("team_id", "user_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[Role]

    user: Mapped[User] = relationship(lazy="raise")
    team: Mapped[Team] = relationship(lazy="raise")


class ApplicationToken(Revised, Base):
    """A secret for one application of one user; only its keyed hash is kept.

    `prefix` is the secret's first characters, for people to recognise it by.
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
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    application: Mapped[str] = mapped_column(String(255))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    prefix: Mapped[str] = mapped_column(String(16))

    user: Mapped[User] = relationship(lazy="raise")


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


class SetupCode(Base):
    """A printed code that lets the first admin in, as keyed hash; none is left afterwards."""

    __tablename__ = "setup_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]


class HashKey(Base):
    """The key of the keyed hashes, where no setting gives one; a single row, id 1."""

    __tablename__ = "hash_keys"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(64))


class Republication(Base):
    """The last answer to a replica that asked for the whole state; see `consumers`."""

    __tablename__ = "republications"

    replica_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger)
    answered_at: Mapped[datetime]
