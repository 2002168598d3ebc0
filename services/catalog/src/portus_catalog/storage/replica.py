"""Tables of what auth decided: registries, namespaces, teams, users, and the resulting access.

A row keeps the newest revision it was told. A deleted thing stays as a row marked `deleted`, so
that older news of it that arrives late does not bring it back.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portus_catalog.storage.base import Base, Name, Stamp
from portus_shared.db import UtcDateTime


class RegistryRow(Base):
    """One registry; `external_host` is what people type."""

    __tablename__ = "registries"

    name: Mapped[str] = mapped_column(Name, primary_key=True)
    external_host: Mapped[str] = mapped_column(String(255))
    revision: Mapped[int] = mapped_column(Stamp)
    deleted: Mapped[bool] = mapped_column(default=False)


class NamespaceRow(Base):
    """One namespace under its name; a name that was given anew has a new `namespace_id`."""

    __tablename__ = "namespaces"
    __table_args__ = (Index(None, "namespace_id"),)

    registry_name: Mapped[str] = mapped_column("registry", Name, primary_key=True)
    name: Mapped[str] = mapped_column(Name, primary_key=True)
    namespace_id: Mapped[int] = mapped_column(BigInteger)
    team_id: Mapped[int | None]
    visibility: Mapped[str] = mapped_column(String(16))
    description: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Stamp)
    deleted: Mapped[bool] = mapped_column(default=False)


class AccessRow(Base):
    """What one subject may do below a path prefix of a namespace."""

    __tablename__ = "access"
    __table_args__ = (Index(None, "subject_kind", "subject", "registry", "namespace"),)

    registry_name: Mapped[str] = mapped_column("registry", Name, primary_key=True)
    namespace: Mapped[str] = mapped_column(Name, primary_key=True)
    path_prefix: Mapped[str] = mapped_column(Name, primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(Name, primary_key=True)
    may_pull: Mapped[bool]
    may_push: Mapped[bool]
    may_delete: Mapped[bool]


class TeamRow(Base):
    """One team."""

    __tablename__ = "teams"

    team_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Name)
    hidden: Mapped[bool]
    revision: Mapped[int] = mapped_column(Stamp)
    deleted: Mapped[bool] = mapped_column(default=False)


class TeamMemberRow(Base):
    """One membership; all rows of a team are replaced together."""

    __tablename__ = "team_members"
    __table_args__ = (Index(None, "username"),)

    team_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    username: Mapped[str] = mapped_column(Name, primary_key=True)
    role: Mapped[str] = mapped_column(String(16))


class UserRow(Base):
    """One user or robot."""

    __tablename__ = "users"

    username: Mapped[str] = mapped_column(Name, primary_key=True)
    user_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(16))
    enabled: Mapped[bool]
    admin: Mapped[bool]
    revision: Mapped[int] = mapped_column(Stamp)
    deleted: Mapped[bool] = mapped_column(default=False)


class ReplicaRow(Base):
    """This replica itself, one row: its name, and the last republication that filled it."""

    __tablename__ = "replica"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    replica_id: Mapped[str] = mapped_column(String(36))
    generation: Mapped[int | None] = mapped_column(Stamp)
    filled_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
