"""A scan has looked at one repository: add and move by newer-wins, remove nothing.

What the scan did not find is reported back as *gone*; sync asks the registry about each and tells
a deletion only when the registry itself says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portus_catalog.domain.standing import FOLDED, LIVE
from portus_catalog.storage import activities, history
from portus_catalog.storage.chronicle import ScannedRow
from portus_catalog.storage.contents import RepositoryRow, TagRow
from portus_catalog.storage.registers import Sighting
from portus_catalog.storage.rows import locked_repository
from portus_catalog.usecases import empty, publish
from portus_catalog.usecases.sightings import Move, apply, checked_names, moment_of
from portus_shared.contracts.catalog import TagDifference
from portus_shared.contracts.sync import RepositoryObserved, ScanCompleted


def record_observation(session: Session, event: RepositoryObserved) -> None:
    """Merge one part of what a scan found; after the last part, answer with the differences."""
    checked_names(
        event.repository,
        tags=[seen.tag for seen in event.tags],
        digests=[seen.digest for seen in event.tags],
    )
    at = moment_of(event.observed_at)
    repository = locked_repository(session, event.registry, event.repository, at)
    moves = _merge(session, repository, event, at)
    progress = _progress(session, repository, event, moves)
    if moves:
        publish.repository_changed(session, repository, "reconciled")
    if len(progress.seen_parts) == event.parts:
        _answer(session, repository, progress)
        _sum_up(session, event.scan_id, progress, at)
        session.delete(progress)


def close_scan(session: Session, event: ScanCompleted) -> None:
    """Drop what scans older than this one left half observed; confirm what it found empty."""
    started = int(event.started_at.timestamp() * 1_000_000)
    session.execute(delete(ScannedRow).where(ScannedRow.observed_at < started))
    empty.confirm(session, event)


def _merge(
    session: Session, repository: RepositoryRow, event: RepositoryObserved, at: datetime
) -> list[Move]:
    sightings = [
        Sighting(
            digest=seen.digest,
            media_type=seen.media_type,
            observed_at=event.observed_at,
            at=at,
            tag=seen.tag,
        )
        for seen in event.tags
    ]
    moves = apply(session, repository, sightings, at) if sightings else []
    history.remember(
        session,
        repository.id,
        [(move.tag, move.after) for move in moves if move.after],
        source=history.SCAN,
        observed_at=event.observed_at,
        at=at,
        actor=None,
    )
    return moves


def _progress(
    session: Session, repository: RepositoryRow, event: RepositoryObserved, moves: Sequence[Move]
) -> ScannedRow:
    row = session.get(ScannedRow, (event.scan_id, repository.id))
    if row is None:
        row = ScannedRow(
            scan_id=event.scan_id,
            repository_id=repository.id,
            observed_at=event.observed_at,
            parts=event.parts,
            seen_parts=[],
            differences=[],
        )
        session.add(row)
    row.observed_at = min(row.observed_at, event.observed_at)
    row.seen_parts = sorted({*row.seen_parts, event.part})
    row.differences = row.differences + [[m.tag, m.before, m.after] for m in moves]
    return row


def _answer(session: Session, repository: RepositoryRow, progress: ScannedRow) -> None:
    shown = TagRow.state.in_([LIVE, FOLDED])
    rows = session.execute(
        select(TagRow.name, TagRow.digest, TagRow.observed_at)
        .where(TagRow.repository_id == repository.id, shown)
        .order_by(TagRow.name)
    ).all()
    gone = [
        TagDifference(tag=row.name, known_digest=row.digest)
        for row in rows
        if row.observed_at < progress.observed_at
    ]
    found = [
        TagDifference(tag=tag, known_digest=before, found_digest=after)
        for tag, before, after in progress.differences
    ]
    added = [difference for difference in found if difference.known_digest is None]
    moved = [difference for difference in found if difference.known_digest is not None]
    known = len(rows) - len(added)
    publish.reconciled(
        session, repository, progress.scan_id, added=added, moved=moved, gone=gone, known=known
    )


def _sum_up(session: Session, scan_id: str, progress: ScannedRow, at: datetime) -> None:
    added = sum(before is None for _, before, _ in progress.differences)
    if moved_or_added := len(progress.differences):
        activities.add_to_scan(session, scan_id, at, added=added, moved=moved_or_added - added)
