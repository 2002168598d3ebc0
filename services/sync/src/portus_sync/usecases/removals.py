"""Tags that catalog knows and a scan did not find: guarded, confirmed by the registry, published.

Only a 404 from the registry itself removes a tag; a page that failed never does.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portus_shared import logs
from portus_sync.domain import backoff
from portus_sync.domain.guard import must_hold
from portus_sync.domain.places import Place
from portus_sync.storage import jobs, removals, scans
from portus_sync.storage.tables import Removal
from portus_sync.usecases import publish
from portus_sync.usecases.publish import Seen

QUIET = timedelta(seconds=1)
"""catalog answers repository by repository: judge a scan's removals when no more of them come."""

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 600.0
_log = logs.logger(__name__)


def ask(
    session: Session,
    *,
    registry: str,
    repository: str,
    tags: Sequence[tuple[str, str | None]],
    scan_id: str,
    at: datetime,
) -> None:
    """Queue the tags (with the digest known) that catalog misses in one of our scans."""
    if scans.by_id(session, scan_id) is None:
        _log.warning("an unknown scan was answered", extra={"scan_id": scan_id})
        return
    removals.ask(
        session, registry=registry, repository=repository, tags=tags, scan_id=scan_id, at=at
    )


def judge(session: Session, *, at: datetime) -> None:
    """Let the removals of each settled scan go ahead, or hold them all back if they are many."""
    for scan_id in removals.quiet_scans(session, before=at - QUIET):
        scan = scans.by_id(session, scan_id)
        gone = removals.count(session, scan_id)
        known = gone + (scan.tags if scan else 0)
        if must_hold(gone=gone, known=known):
            held = removals.decide(session, scan_id, "held")
            fields = {"scan_id": scan_id, "held": held, "gone": gone, "known": known}
            _log.warning("a scan would remove many tags; approve it or not", extra=fields)
        else:
            removals.decide(session, scan_id, "approved")


def confirm(session: Session, removal: Removal, seen: Seen, *, is_there: bool) -> None:
    """Publish what the registry itself answered about one tag."""
    if is_there:
        removals.finish(session, removal.id, "present")
        return
    publish.found_missing(session, seen, removal.repository, removal.tag)
    if removal.digest is not None:
        place = Place(removal.registry_name, removal.repository, removal.digest)
        jobs.forget(session, [place])
    removals.finish(session, removal.id, "removed")


def postpone(session: Session, removal: Removal, reason: str, *, at: datetime) -> None:
    """Ask the registry again later: it gave no answer."""
    attempts = removal.attempts + 1
    pause = backoff.delay(attempts, first_s=_FIRST_PAUSE_S, longest_s=_LONGEST_PAUSE_S)
    removals.postpone(session, removal.id, reason=reason, until=at + pause)


def approve(session: Session, actor: str, *, scan_id: str | None, at: datetime) -> int:
    """Let held removals go ahead (all, or one scan's); each is confirmed once more before."""
    count = removals.approve(session, scan_id=scan_id, at=at)
    fields = {"actor": actor, "scan_id": scan_id, "count": count}
    _log.info("held removals were approved", extra=fields)
    return count
