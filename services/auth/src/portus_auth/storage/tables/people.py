"""Users, teams and their members, and the namespaces that teams and users own."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint as Unique,
    case,
    false,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from portus_auth.domain.leftovers import Leftovers
from portus_auth.domain.roles import Role, Visibility
from portus_auth.storage.base import Base, Revised
from portus_auth.storage.tables.installation import Registry

_ALIVE: Final = text("deleted_at IS NULL")


class Namespace(Revised, Base):
    """The first component of repository names; `_` is the global one, for names without `/`.

    `leftovers` is set on deleted ones only; those deleted before it existed keep their images.
    `name_rests_until` is when tokens that were given before the deletion are over.
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
    leftovers: Mapped[Leftovers | None]
    name_rests_until: Mapped[datetime | None]

    owner: Mapped[User | None] = relationship(lazy="raise")
    team: Mapped[Team] = relationship(lazy="raise")
    clean_name: Mapped[str] = column_property(
        case(
            (
                is_global.is_(True),
                select(Registry.external_host)
                .where(Registry.id == registry_id)
                .correlate_except(Registry)
                .scalar_subquery(),
            ),
            else_=name,
        )
    )
    """What the original calls a namespace: the global one by its registry's host."""


class User(Revised, Base):
    """A person, a bot that has application tokens only, or the account of a `Robot`.

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
    robot: Mapped[bool] = mapped_column(server_default=false())
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
