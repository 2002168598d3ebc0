"""Empty deleted namespaces: have everything in them deleted, and say when nothing is left.

Nothing known is left when every deletion has ended well. Then sync looks once more, because the
registry may hold what was never told; only a scan that began after that, and brought nothing to
light, confirms that the name may be given again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portus_catalog.storage import wipes
from portus_catalog.storage.requests import WipeRow
from portus_catalog.usecases import publish
from portus_catalog.usecases.delete import request_all
from portus_shared.contracts.auth import NamespaceDeleted
from portus_shared.contracts.sync import ScanCompleted

_AT_ONCE: Final = 20
_LOOK_AGAIN: Final = timedelta(seconds=1)
_ASK_AGAIN: Final = timedelta(minutes=10)
_FIRST_PAUSE: Final = timedelta(minutes=5)
_LONGEST_PAUSE: Final = timedelta(hours=6)
_AUTH: Final = "_auth"


def begin(session: Session, event: NamespaceDeleted, *, at: datetime) -> None:
    """Begin to empty a namespace that was deleted with its images."""
    wipe = WipeRow(
        registry_name=event.registry,
        namespace=event.namespace,
        namespace_id=event.namespace_id,
        revision=event.revision,
        requested_by=event.deleted_by or _AUTH,
        next_try_at=at,
    )
    wipes.begin(session, wipe)


def go_on(session: Session, *, at: datetime) -> bool:
    """Take the next step in one namespace that is due; tell whether there was one."""
    wipe = wipes.take_due(session, at=at)
    if wipe is None:
        return False
    if wipes.count_going(session, wipe) >= _AT_ONCE:
        wipe.next_try_at = at + _LOOK_AGAIN
    # One repository a transaction: whoever takes events in holds locks on several of them.
    elif fresh := wipes.untouched_in(session, wipe, failed=False, limit=1):
        request_all(session, fresh[0], by=wipe.requested_by)
    elif failed := wipes.untouched_in(session, wipe, failed=True, limit=_AT_ONCE):
        for repository in failed:
            request_all(session, repository, by=wipe.requested_by)
        wipe.next_try_at = at + min(_FIRST_PAUSE * 2 ** min(wipe.attempts, 10), _LONGEST_PAUSE)
        wipe.attempts += 1
    elif wipes.is_anything_in(session, wipe):
        wipe.next_try_at = at + _LOOK_AGAIN
    else:
        wipe.cleared_at, wipe.next_try_at = at, at + _ASK_AGAIN
        publish.namespace_cleared(session, wipe)
    session.flush()
    return True


def confirm(session: Session, event: ScanCompleted) -> None:
    """Say of the namespaces that were clear before a scan, and still are, that they are empty."""
    for wipe in wipes.cleared_before(session, event.registry, event.started_at):
        if wipes.is_anything_in(session, wipe):
            wipe.cleared_at, wipe.next_try_at = None, event.finished_at
            continue
        publish.namespace_emptied(session, wipe)
        wipes.end(session, wipe.registry_name, wipe.namespace)
