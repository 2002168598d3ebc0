"""Delete from the registry what catalog was asked to delete, and say how that ended.

Accepted once, a deletion is tried until the registry has answered: that it is gone, that it was
gone before, or that it will never be. What was pushed again meanwhile is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portus_shared import logs
from portus_shared.errors import Conflict, NotFound
from portus_sync.domain import backoff
from portus_sync.domain.places import Place
from portus_sync.storage import deletions, jobs
from portus_sync.storage.tables import Deletion
from portus_sync.usecases import publish
from portus_sync.usecases.publish import Seen

GIVE_UP: Final = timedelta(days=1)
PUSHED_AGAIN: Final = "The image was pushed again meanwhile, so it was kept"
MOVED: Final = "The tag points to another image by now, so it was kept"
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 600.0
_log = logs.logger(__name__)


class NotFailed(Conflict):
    """Say that only what has failed can be tried again."""

    code = "not-failed"
    default_message = "Only a deletion that has failed can be retried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The registry does not have it, now or any more; `seen` is from before it was asked."""

    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """It stays in the registry for good."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """The registry did not say."""

    reason: str


def settle(
    session: Session, deletion: Deletion, result: Gone | Kept | Unanswered, *, at: datetime
) -> None:
    """Close, or postpone, a deletion by what the registry answered."""
    match result:
        case Gone(seen=seen):
            publish.erased(session, seen, deletion)
            if deletion.tag is None:
                place = Place(deletion.registry_name, deletion.repository, deletion.digest)
                jobs.forget(session, [place])
            _close(session, deletion, "done", at=at)
        case Kept(reason=reason):
            _close(session, deletion, "failed", at=at, reason=reason)
        case Unanswered(reason=reason) if at - deletion.asked_at >= GIVE_UP:
            _close(session, deletion, "failed", at=at, reason=f"Given up after a day: {reason}")
        case Unanswered(reason=reason):
            pause = backoff.delay(
                deletion.attempts + 1, first_s=_FIRST_PAUSE_S, longest_s=_LONGEST_PAUSE_S
            )
            deletions.postpone(session, deletion, reason=reason, until=at + pause)


def keep_pushed(session: Session, places: Iterable[Place], *, at: datetime) -> None:
    """Call off the deletions of manifests that were pushed after they were asked for."""
    for request_id in deletions.call_off(session, places, at=at, reason=PUSHED_AGAIN):
        publish.deletion_finished(session, request_id, "failed", PUSHED_AGAIN)


def retry(session: Session, actor: str, request_id: str, *, at: datetime) -> Deletion:
    """Ask the registry anew for a deletion that has failed; raises `NotFound` or `NotFailed`."""
    # PostgreSQL cannot even be asked for a text with NUL in it.
    deletion = None if "\x00" in request_id else deletions.by_id(session, request_id)
    if deletion is None:
        raise NotFound
    if deletion.state != "failed":
        raise NotFailed
    deletion.state, deletion.attempts, deletion.reason = "waiting", 0, None
    deletion.asked_at = deletion.next_try_at = at
    deletion.finished_at = None
    session.flush()
    _log.info("a deletion is retried", extra={"actor": actor, "deletion": deletion.id})
    return deletion


def _close(
    session: Session,
    deletion: Deletion,
    outcome: str,
    *,
    at: datetime,
    reason: str | None = None,
) -> None:
    if deletions.finish(session, deletion, outcome, at=at, reason=reason):
        publish.deletion_finished(session, deletion.id, outcome, reason)
