"""How the registry differed from what catalog knew, as scans found it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Row, and_, delete, select
from sqlalchemy.orm import Session

from portus_shared.db import insert_ignore
from portus_sync.storage.tables import Drift, Removal, Scan

MISSING: Final = "missing"
MOVED: Final = "moved"
GONE: Final = "gone"
KINDS: Final = (MISSING, MOVED, GONE)
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One tag that differed: not known here, pointing elsewhere, or not in the registry."""

    kind: str
    tag: str
    known_digest: str | None
    found_digest: str | None


def add(
    session: Session, scan: Scan, repository: str, found: Iterable[Found], *, at: datetime
) -> None:
    """Keep what a scan found of one repository."""
    rows = [
        {
            "scan_id": scan.id,
            "scan_cause": scan.cause,
            "registry": scan.registry_name,
            "repository": repository,
            "tag": each.tag,
            "kind": each.kind,
            "known_digest": each.known_digest,
            "found_digest": each.found_digest,
            "found_at": at,
        }
        for each in found
    ]
    for start in range(0, len(rows), _AT_ONCE):
        insert_ignore(session, Drift.__table__, rows[start : start + _AT_ONCE])


def listed(
    session: Session, *, kind: str | None, scan_id: str | None, before: int | None, limit: int
) -> Sequence[Row[Drift, Removal | None]]:
    """Return differences, newest first, each with its removal, if there is one."""
    same = and_(
        Drift.kind == GONE,
        Removal.registry_name == Drift.registry_name,
        Removal.repository == Drift.repository,
        Removal.tag == Drift.tag,
    )
    newest = select(Drift, Removal).outerjoin(Removal, same).order_by(Drift.id.desc())
    if kind is not None:
        newest = newest.where(Drift.kind == kind)
    if scan_id is not None:
        newest = newest.where(Drift.scan_id == scan_id)
    if before is not None:
        newest = newest.where(Drift.id < before)
    return session.execute(newest.limit(limit)).all()


def forget_before(session: Session, moment: datetime) -> None:
    """Drop what was found before `moment`."""
    session.execute(delete(Drift).where(Drift.found_at < moment))
