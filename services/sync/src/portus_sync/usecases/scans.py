"""Walk through a registry's catalogue: ask for it, record what was found, close it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portus_sync.domain import backoff
from portus_sync.domain.places import Place
from portus_sync.storage import jobs, registries, scans
from portus_sync.storage.tables import Scan
from portus_sync.usecases import publish
from portus_sync.usecases.publish import Seen

MAX_PARTIAL_ATTEMPTS = 5
_FIRST_PAUSE_S = 5.0
_LONGEST_PAUSE_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A repository's tags (name, digest, media type) as the registry told them after `seen`."""

    seen: Seen
    repository: str
    tags: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A repository that could not be read, and why."""

    repository: str
    reason: str


def request(session: Session, registry: str, *, cause: str, asked_by: str, at: datetime) -> Scan:
    """Queue a scan; one that is queued already serves this request too, and goes at once."""
    queued = scans.waiting(session, registry)
    if queued is not None:
        queued.next_try_at = at
        return queued
    return scans.add(session, registry=registry, cause=cause, asked_by=asked_by, at=at)


def request_all(session: Session, *, cause: str, asked_by: str, at: datetime) -> Sequence[Scan]:
    """Queue a scan of every registry in use."""
    known = registries.enabled(session)
    return [
        request(session, registry.name, cause=cause, asked_by=asked_by, at=at) for registry in known
    ]


def serve_replica(session: Session, replica_id: str, *, at: datetime) -> None:
    """Tell a new or emptied replica everything again, once for each replica."""
    for registry in registries.enabled(session):
        if not scans.asked(session, registry.name, "replica", replica_id):
            jobs.forget_all(session)
            scans.add(session, registry=registry.name, cause="replica", asked_by=replica_id, at=at)


def in_order(names: Sequence[str], *, after: str | None) -> Sequence[str]:
    """Return all names, beginning behind the one that the last scan stopped at.

    Thus scans that are interrupted time and again get everywhere in the end. One that is gone by
    now leaves the order as it is.
    """
    if after is None or after not in names:
        return names
    place = names.index(after) + 1
    return [*names[place:], *names[:place]]


def record(
    session: Session, scan_id: str, found: Sequence[Observation | Unread], *, at: datetime
) -> None:
    """Publish a batch of observed repositories and note the progress."""
    tags = 0
    places: list[Place] = []
    for result in found:
        if isinstance(result, Unread):
            scans.add_failure(session, scan_id, result.repository, result.reason)
            continue
        tags += len(result.tags)
        publish.observed(
            session,
            result.seen,
            scan_id=scan_id,
            repository=result.repository,
            tags=result.tags,
        )
        registry, repository = result.seen.registry, result.repository
        places += (Place(registry, repository, digest) for _, digest, _ in result.tags)
    jobs.ask(session, places, at=at)
    observed = sum(isinstance(result, Observation) for result in found)
    progress = {
        "repositories_done": Scan.repositories_done + observed,
        "tags": Scan.tags + tags,
        "cursor": found[-1].repository,
        "next_try_at": at + scans.LEASE,
    }
    scans.change(session, scan_id, progress)


def set_size(session: Session, scan_id: str, repositories: int) -> None:
    """Note how many repositories there are to read."""
    scans.change(session, scan_id, {"repositories": repositories})


def close(session: Session, scan_id: str, *, at: datetime) -> None:
    """End a scan that has been through the catalogue: done, or to be repeated if parts failed."""
    scan = scans.by_id(session, scan_id)
    if scan is None:
        return
    scans.forget_cursors(session, scan.registry_name)
    unread = scans.failures(session, [scan_id])
    if unread:
        _close_partial(session, scan, len(unread), at)
        return
    publish.scan_completed(session, scan, finished_at=at)
    scans.change(session, scan_id, {"state": "done", "finished_at": at, "reason": None})
    scans.supersede_older(session, scan, at=at)


def postpone(session: Session, scan_id: str, *, reason: str, at: datetime) -> None:
    """Queue a scan again that could not get through the catalogue."""
    scan = scans.by_id(session, scan_id)
    attempts = scan.attempts if scan else 1
    pause = backoff.delay(attempts, first_s=_FIRST_PAUSE_S, longest_s=_LONGEST_PAUSE_S)
    change = {"state": "waiting", "next_try_at": at + pause, "reason": reason}
    scans.change(session, scan_id, change)


def _close_partial(session: Session, scan: Scan, unread: int, at: datetime) -> None:
    reason = f"{unread} repositories could not be read"
    if scan.attempts < MAX_PARTIAL_ATTEMPTS:
        postpone(session, scan.id, reason=reason, at=at)
        return
    change = {"state": "incomplete", "finished_at": at, "reason": reason}
    scans.change(session, scan.id, change)
