"""sync says how a deletion ended; what is gone from the registry it tells beside that."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portus_catalog.domain.standing import GONE
from portus_catalog.storage import activities, deletions
from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.deletions import ALL_TAGS
from portus_catalog.storage.parts import parts_of
from portus_catalog.storage.requests import DeletionRow
from portus_catalog.storage.rows import find_image, lock
from portus_catalog.usecases import publish
from portus_catalog.usecases.delete import request
from portus_shared.clock import now
from portus_shared.contracts.sync import DeletionFinished

DONE = "done"


def record_outcome(session: Session, event: DeletionFinished) -> None:
    """Take the mark off; after a success, ask for what belonged to the deleted image alone."""
    is_done, reason = event.outcome == DONE, event.reason or "The registry did not say why"
    if is_done:
        row = deletions.close(session, event.request_id)
    else:
        row = deletions.fail(session, event.request_id, reason, now())
    if row is None:
        return
    repository = lock(session, row.repository_id)
    if is_done:
        _delete_parts(session, repository, row)
    else:
        _note_failure(session, repository, row, reason)
    if repository.deleting_since and not deletions.is_any_open(session, repository):
        repository.deleting_since = None
    publish.repository_changed(
        session,
        repository,
        "deleted" if is_done else "kept",
        tag=row.tag or None,
        digest=row.digest,
        actor=row.requested_by,
    )


def _delete_parts(session: Session, repository: RepositoryRow, row: DeletionRow) -> None:
    """Ask only now: parts of an image that was pushed again, or stays, would be missed."""
    image = find_image(session, repository, row.digest)
    if row.tag != ALL_TAGS or (image is not None and image.standing != GONE):
        return
    parts = parts_of(session, repository, row.digest)
    request(session, repository, sorted(parts), by=row.requested_by)


def _note_failure(
    session: Session, repository: RepositoryRow, row: DeletionRow, reason: str
) -> None:
    repository.deleting_since = None
    activities.record(
        session,
        "repository.delete_failed",
        row.request_id,
        at=now(),
        actor=row.requested_by,
        repository_id=repository.id,
        tag=row.tag or None,
        digest=row.digest,
        details={"reason": reason},
    )
