"""What there is once in an installation: its registry, set-up codes, the key of its hashes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portus_auth.domain.registries import host_of, uses_tls
from portus_auth.domain.rules import PushPolicy
from portus_auth.storage.base import Base, Revised


class Registry(Revised, Base):
    """One registry; `name` travels in events, `external_host` is what people type.

    `external_host` is also the `service` and audience of the registry's tokens. `settings_seen`
    is what the settings last said: an admin's change holds until they say something else.
    """

    __tablename__ = "registries"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's protocol

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    url: Mapped[str] = mapped_column(Text)
    external_host: Mapped[str] = mapped_column(String(255), unique=True)
    settings_seen: Mapped[str] = mapped_column(Text, default="")

    @property
    def hostname(self) -> str:
        """Return the ``host:port`` at which services reach it."""
        return host_of(self.url)

    @property
    def use_ssl(self) -> bool:
        """Tell whether services speak TLS with it."""
        return uses_tls(self.url)


class KeptRules(Base):
    """The switches that all processes decide by, as the settings of the last start said; id 1.

    Who changes them takes a new revision, by which facts in memory follow.
    """

    __tablename__ = "rules"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    push_images: Mapped[PushPolicy]
    delete_images: Mapped[bool]
    contributors_delete: Mapped[bool]
    create_team: Mapped[bool]
    manage_team: Mapped[bool]
    create_namespace: Mapped[bool]
    manage_namespace: Mapped[bool]
    change_visibility: Mapped[bool]


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
