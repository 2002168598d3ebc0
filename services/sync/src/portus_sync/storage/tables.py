"""sync's tables: what was received, what is still to be asked of the registry, what scans found."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portus_shared.db import NAMING, BigId, UtcDateTime

NAME = String(255)
DIGEST = String(140)
TAG = String(128)


class Base(DeclarativeBase):
    """Hold the metadata of sync's own tables.

    The column `registry` is the attribute `registry_name`: SQLAlchemy keeps the other for itself.
    """

    metadata = MetaData(naming_convention=NAMING)


def table_of(rows: type[Base]) -> Table:
    """Return the table itself: what goes to it directly does without the machinery of objects."""
    return Base.metadata.tables[rows.__tablename__]


class Registry(Base):
    """A registry as auth last said it is."""

    __tablename__ = "registry"
    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    external_host: Mapped[str] = mapped_column(NAME)
    ca: Mapped[str | None] = mapped_column(Text)
    enabled: Mapped[bool]
    revision: Mapped[int] = mapped_column(BigInteger)


class RegistryInstance(Base):
    """A run of a registry process; a new one may have lost the notifications of the last."""

    __tablename__ = "registry_instance"
    registry_name: Mapped[str] = mapped_column("registry", NAME, primary_key=True)
    instance_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Notification(Base):
    """One event of a registry, received once; `outcome` is push, pull, delete or ignored."""

    __tablename__ = "notification"
    __table_args__ = (UniqueConstraint("registry", "event_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registry_name: Mapped[str] = mapped_column("registry", NAME)
    event_id: Mapped[str] = mapped_column(NAME)
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(NAME)
    repository: Mapped[str | None] = mapped_column(NAME)
    tag: Mapped[str | None] = mapped_column(TAG)
    digest: Mapped[str | None] = mapped_column(DIGEST)
    actor: Mapped[str] = mapped_column(NAME)
    instance_id: Mapped[str] = mapped_column(NAME)
    occurred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Pull(Base):
    """A download not yet counted."""

    __tablename__ = "pull"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registry_name: Mapped[str] = mapped_column("registry", NAME)
    repository: Mapped[str] = mapped_column(NAME)
    digest: Mapped[str] = mapped_column(DIGEST)
    tag: Mapped[str | None] = mapped_column(TAG)
    pulled_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Quarantined(Base):
    """Something received that could not be read; the same content is one row, counted."""

    __tablename__ = "quarantined"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    reason: Mapped[str] = mapped_column(NAME)
    raw: Mapped[str] = mapped_column(Text)
    times: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class DescribeJob(Base):
    """A manifest to read, once per digest and repository; `state`: pending, done, gone or failed.

    A pending job may be taken when `next_try_at` has come; taking it moves that moment on, so that
    a worker that dies gives it back.
    """

    __tablename__ = "describe_job"
    __table_args__ = (
        UniqueConstraint("registry", "repository", "digest"),
        Index("ix_describe_job_state_next_try_at", "state", "next_try_at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registry_name: Mapped[str] = mapped_column("registry", NAME)
    repository: Mapped[str] = mapped_column(NAME)
    digest: Mapped[str] = mapped_column(DIGEST)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(Text)


class Scan(Base):
    """One walk through a registry's catalogue.

    `state`: waiting, running, done, incomplete (some repositories could not be read, and will not
    be tried again by this scan) or superseded. `next_try_at` works as in `DescribeJob`. `cause`
    names what asked for it (start, registry, replica, instance, namespace, timer or command).
    `cursor` is the last repository that was read, until a scan of the registry is through: the
    next one begins behind it.
    """

    __tablename__ = "scan"
    __table_args__ = (Index("ix_scan_state_next_try_at", "state", "next_try_at"),)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    registry_name: Mapped[str] = mapped_column("registry", NAME)
    cause: Mapped[str] = mapped_column(String(20))
    asked_by: Mapped[str] = mapped_column(NAME)
    state: Mapped[str] = mapped_column(String(12))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    repositories: Mapped[int | None]
    repositories_done: Mapped[int] = mapped_column(default=0)
    tags: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)


class ScanFailure(Base):
    """A repository that a scan could not read; nothing is concluded about it."""

    __tablename__ = "scan_failure"
    scan_id: Mapped[str] = mapped_column(
        ForeignKey("scan.id", ondelete="CASCADE"), primary_key=True
    )
    repository: Mapped[str] = mapped_column(NAME, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)


class Removal(Base):
    """A tag that catalog knows and a scan did not find.

    `state`: asked, held (too many at once: a person decides), approved, removed (the registry
    answered 404) or present (the registry has it after all).
    """

    __tablename__ = "removal"
    __table_args__ = (
        UniqueConstraint("registry", "repository", "tag"),
        Index("ix_removal_state_next_try_at", "state", "next_try_at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registry_name: Mapped[str] = mapped_column("registry", NAME)
    repository: Mapped[str] = mapped_column(NAME)
    tag: Mapped[str] = mapped_column(TAG)
    digest: Mapped[str | None] = mapped_column(DIGEST)
    scan_id: Mapped[str] = mapped_column(String(36), index=True)
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(Text)


class Deletion(Base):
    """A manifest, or one tag of it, that somebody wants gone from the registry.

    `state`: waiting, running, done or failed. `next_try_at` works as in `DescribeJob`. `asked_at`
    is when it was asked for, or last by `retry`: what the registry does not answer for a day fails.
    """

    __tablename__ = "deletion"
    __table_args__ = (
        Index("ix_deletion_state_next_try_at", "state", "next_try_at"),
        Index("ix_deletion_registry_repository_digest", "registry", "repository", "digest"),
        Index("ix_deletion_requested_by_number", "requested_by", "number"),
        Index("ix_deletion_state_number", "state", "number"),
    )
    number: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    registry_name: Mapped[str] = mapped_column("registry", NAME)
    repository: Mapped[str] = mapped_column(NAME)
    digest: Mapped[str] = mapped_column(DIGEST)
    tag: Mapped[str | None] = mapped_column(TAG)
    requested_by: Mapped[str] = mapped_column(NAME)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    reason: Mapped[str | None] = mapped_column(Text)


class Drift(Base):
    """One tag that a scan found otherwise than catalog knew it: missing here, moved or gone."""

    __tablename__ = "drift"
    __table_args__ = (
        UniqueConstraint("scan_id", "repository", "tag"),
        Index("ix_drift_scan_id_id", "scan_id", "id"),
        Index("ix_drift_kind_id", "kind", "id"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    scan_id: Mapped[str] = mapped_column(String(36))
    scan_cause: Mapped[str] = mapped_column(String(20))
    registry_name: Mapped[str] = mapped_column("registry", NAME)
    repository: Mapped[str] = mapped_column(NAME)
    tag: Mapped[str] = mapped_column(TAG)
    kind: Mapped[str] = mapped_column(String(10))
    known_digest: Mapped[str | None] = mapped_column(DIGEST)
    found_digest: Mapped[str | None] = mapped_column(DIGEST)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Ability(Base):
    """What a registry can do, as it was last found: `deletes_tags`, and leaves their images."""

    __tablename__ = "ability"
    registry_name: Mapped[str] = mapped_column("registry", NAME, primary_key=True)
    deletes_tags: Mapped[bool]
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
