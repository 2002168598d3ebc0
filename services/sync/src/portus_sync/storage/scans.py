"""Scans with their progress, and the repositories they could not read."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from portus_shared.db import upsert
from portus_sync.storage.tables import Registry, Scan, ScanFailure

LEASE = timedelta(seconds=60)
UNFINISHED = ("waiting", "running")


def add(session: Session, *, registry: str, cause: str, asked_by: str, at: datetime) -> Scan:
    """Queue a scan."""
    scan = Scan(
        id=str(uuid.uuid4()),
        registry_name=registry,
        cause=cause,
        asked_by=asked_by,
        state="waiting",
        requested_at=at,
        next_try_at=at,
    )
    session.add(scan)
    session.flush()
    return scan


def waiting(session: Session, registry: str) -> Scan | None:
    """Return the scan of a registry that has not begun yet, if any."""
    queued = (Scan.registry_name == registry) & (Scan.state == "waiting")
    return session.scalars(select(Scan).where(queued).limit(1)).first()


def asked(session: Session, registry: str, cause: str, asked_by: str) -> bool:
    """Tell whether this very request led to a scan before."""
    same = (Scan.registry_name == registry) & (Scan.cause == cause) & (Scan.asked_by == asked_by)
    return session.scalars(select(Scan.id).where(same).limit(1)).first() is not None


def take(session: Session, *, at: datetime) -> Scan | None:
    """Begin the scan that is due first, or take over one whose worker died."""
    due = _due(at)
    first = select(Scan.id).where(due).order_by(Scan.next_try_at, Scan.requested_at).limit(1)
    taken = (
        update(Scan)
        .where(Scan.id == first.scalar_subquery(), due)
        .values(
            state="running",
            started_at=at,
            next_try_at=at + LEASE,
            attempts=Scan.attempts + 1,
            repositories=None,
            repositories_done=0,
            tags=0,
        )
        .returning(Scan)
        .execution_options(synchronize_session=False)
    )
    scan = session.scalars(taken).first()
    if scan is not None:
        session.execute(delete(ScanFailure).where(ScanFailure.scan_id == scan.id))
    return scan


def interrupted_at(session: Session, registry: str) -> str | None:
    """Return the repository that the last scan of a registry stopped behind, None if it did not."""
    stopped = select(Scan.cursor).where(Scan.registry_name == registry, Scan.cursor.is_not(None))
    return session.scalars(stopped.order_by(Scan.started_at.desc()).limit(1)).first()


def forget_cursors(session: Session, registry: str) -> None:
    """Have the next scan of a registry begin at its beginning."""
    through = update(Scan).where(Scan.registry_name == registry, Scan.cursor.is_not(None))
    session.execute(through.values(cursor=None))


def by_id(session: Session, scan_id: str) -> Scan | None:
    """Return one scan."""
    return session.get(Scan, scan_id)


def change(session: Session, scan_id: str, values: Mapping[str, Any]) -> None:
    """Update columns of one scan."""
    session.execute(update(Scan).where(Scan.id == scan_id).values(**values))


def add_failure(session: Session, scan_id: str, repository: str, reason: str) -> None:
    """Say that a repository could not be read."""
    row = {"scan_id": scan_id, "repository": repository, "reason": reason}
    upsert(session, ScanFailure.__table__, row, key=["scan_id", "repository"])


def failures(session: Session, scan_ids: Sequence[str]) -> Sequence[ScanFailure]:
    """Return the repositories that these scans could not read."""
    unread = select(ScanFailure).where(ScanFailure.scan_id.in_(scan_ids))
    return session.scalars(unread.order_by(ScanFailure.repository)).all()


def supersede_older(session: Session, scan: Scan, *, at: datetime) -> None:
    """Close the unfinished scans that this finished one makes needless."""
    older = (
        (Scan.registry_name == scan.registry_name)
        & (Scan.id != scan.id)
        & Scan.state.in_(UNFINISHED)
        & (Scan.requested_at <= scan.started_at)
    )
    session.execute(update(Scan).where(older).values(state="superseded", finished_at=at))


def newest(session: Session, *, limit: int, registry: str | None = None) -> Sequence[Scan]:
    """Return scans, newest first."""
    listed = select(Scan).order_by(Scan.requested_at.desc(), Scan.id).limit(limit)
    if registry is not None:
        listed = listed.where(Scan.registry_name == registry)
    return session.scalars(listed).all()


def forget_before(session: Session, moment: datetime) -> None:
    """Drop finished scans requested before `moment`."""
    old = (Scan.requested_at < moment) & Scan.state.not_in(UNFINISHED)
    session.execute(delete(ScanFailure).where(ScanFailure.scan_id.in_(select(Scan.id).where(old))))
    session.execute(delete(Scan).where(old))


def has_due(session: Session, *, at: datetime) -> bool:
    """Tell whether `take` would find something; cheaper than taking, because it only reads."""
    return session.scalars(select(Scan.id).where(_due(at)).limit(1)).first() is not None


def _due(at: datetime) -> ColumnElement[bool]:
    return (
        Scan.state.in_(UNFINISHED)
        & (Scan.next_try_at <= at)
        & Scan.registry_name.in_(select(Registry.name).where(Registry.enabled))
    )
