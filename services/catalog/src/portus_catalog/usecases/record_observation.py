"""A scan has looked at repositories: add and move by newer-wins, remove nothing.

What the scan did not find is reported back as *gone*; sync asks the registry about each and tells
a deletion only when the registry itself says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portus_catalog.domain.standing import FOLDED, LIVE
from portus_catalog.storage import activities, history
from portus_catalog.storage.chronicle import ScannedRow
from portus_catalog.storage.contents import RepositoryRow, TagRow
from portus_catalog.storage.registers import Sighting, Touched
from portus_catalog.storage.rows import locked_repositories
from portus_catalog.usecases import empty, publish
from portus_catalog.usecases.sightings import apply, checked_names, moment_of
from portus_shared.contracts.catalog import TagDifference
from portus_shared.contracts.sync import RepositoryObserved, ScanCompleted

Told = tuple[RepositoryObserved, str | None]
"""One part of what a scan found, and the id of the request that led to it."""


def record_observations(session: Session, told: Sequence[Told]) -> None:
    """Merge what scans found; after a repository's last part, answer with the differences."""
    for event, _ in told:
        tags, digests = [seen.tag for seen in event.tags], [seen.digest for seen in event.tags]
        checked_names(event.repository, tags=tags, digests=digests)
    for stretch in _stretches(told):
        _record(session, stretch)


def close_scan(session: Session, event: ScanCompleted) -> None:
    """Drop what scans older than this one left half observed; confirm what it found empty."""
    started = int(event.started_at.timestamp() * 1_000_000)
    session.execute(delete(ScannedRow).where(ScannedRow.observed_at < started))
    empty.confirm(session, event)


def _stretches(told: Sequence[Told]) -> Iterator[Sequence[Told]]:
    """Cut where a repository comes again: its answer must not know of what comes later."""
    stretch: dict[tuple[str, str], Told] = {}
    for event, trace in told:
        name = (event.registry, event.repository)
        if name in stretch:
            yield list(stretch.values())
            stretch = {}
        stretch[name] = (event, trace)
    yield list(stretch.values())


def _record(session: Session, told: Sequence[Told]) -> None:
    names = {(e.registry, e.repository): moment_of(e.observed_at) for e, _ in told}
    repositories = locked_repositories(session, names)
    sums: dict[str, _Sum] = {}
    observed = [(repositories[e.registry, e.repository], e) for e, _ in told]
    for (repository, event), moves, (_, trace) in zip(
        observed, _merge(session, observed), told, strict=True
    ):
        progress = _progress(session, repository, event, moves)
        if moves:
            publish.repository_changed(session, repository, "reconciled", correlation_id=trace)
        if len(progress.seen_parts) < event.parts:
            session.add(progress)
            continue
        _answer(session, repository, progress, trace)
        if progress in session:
            session.delete(progress)
        if progress.differences:
            at = moment_of(event.observed_at)
            sums.setdefault(event.scan_id, _Sum(at)).add(progress.differences)
    for scan_id, found in sums.items():
        activities.add_to_scan(
            session,
            scan_id,
            found.at,
            repositories=found.repositories,
            added=found.added,
            moved=found.moved,
        )


class _Sum:
    """The differences of a scan in some repositories."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.repositories = self.added = self.moved = 0

    def add(self, differences: Sequence[Sequence[str | None]]) -> None:
        """Count those of one repository."""
        added = sum(before is None for _, before, _ in differences)
        self.repositories += 1
        self.added += added
        self.moved += len(differences) - added


def _merge(
    session: Session, observed: Sequence[tuple[RepositoryRow, RepositoryObserved]]
) -> list[list[Touched]]:
    """Merge all that was seen; return the tags that moved, for each observation."""
    sightings = [
        Sighting(
            repository=repository,
            digest=seen.digest,
            media_type=seen.media_type,
            observed_at=event.observed_at,
            at=moment_of(event.observed_at),
            tag=seen.tag,
        )
        for repository, event in observed
        for seen in event.tags
    ]
    touched = iter(apply(session, sightings))
    moves = [
        [tag for _ in event.tags if (tag := next(touched)) and tag.before != tag.after]
        for _, event in observed
    ]
    for_ever = [
        history.TagMove(
            repository_id=repository.id,
            tag=move.row.name,
            digest=move.after,
            source=history.SCAN,
            observed_at=event.observed_at,
            occurred_at=moment_of(event.observed_at),
            actor=None,
        )
        for (repository, event), here in zip(observed, moves, strict=True)
        for move in here
        if move.after
    ]
    history.remember(session, for_ever)
    return moves


def _progress(
    session: Session, repository: RepositoryRow, event: RepositoryObserved, moves: Sequence[Touched]
) -> ScannedRow:
    """Return how far the observation has come; the row of one that ends at once is never kept."""
    row = None
    if event.parts > 1:
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
    row.observed_at = min(row.observed_at, event.observed_at)
    row.seen_parts = sorted({*row.seen_parts, event.part})
    row.differences = row.differences + [[m.row.name, m.before, m.after] for m in moves]
    return row


def _answer(
    session: Session, repository: RepositoryRow, progress: ScannedRow, trace: str | None
) -> None:
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
        session,
        repository,
        progress.scan_id,
        added=added,
        moved=moved,
        gone=gone,
        known=known,
        correlation_id=trace,
    )
