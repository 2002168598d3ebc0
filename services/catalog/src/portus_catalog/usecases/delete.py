"""Have tags and repositories deleted: mark them, and ask sync to ask the registry.

Nothing is removed here: that follows from what the registry, through sync, says it no longer has.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from portus_catalog.domain.access import DELETE, Viewer
from portus_catalog.storage import deletions
from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.deletions import ALL_TAGS
from portus_catalog.storage.rows import lock
from portus_catalog.storage.visible import actions_on
from portus_catalog.usecases import browse, publish
from portus_shared.clock import now
from portus_shared.errors import Denied


def delete_tag(session: Session, viewer: Viewer, tag_id: int, *, alone: bool) -> None:
    """Have a tag deleted with its image and thus with its siblings, or `alone`.

    Raises `NotFound` for who may not see it and `Denied` for who may not delete.
    """
    tag = browse.find_tag(session, viewer, tag_id)
    repository = lock(session, tag.repository_id)
    _demand_delete(session, viewer, repository)
    session.refresh(tag)
    if tag.digest is None:
        return
    asked = request(
        session, repository, [tag.digest], tag=tag.name if alone else ALL_TAGS, by=viewer.name
    )
    if asked:
        _tell(session, repository, viewer, tag=tag.name, digest=tag.digest)


def delete_image(session: Session, viewer: Viewer, repository_id: int, digest: str) -> None:
    """Have a manifest deleted with all its tags; raises as `delete_tag` does."""
    browse.find_manifest(session, viewer, repository_id, digest)
    repository = lock(session, repository_id)
    _demand_delete(session, viewer, repository)
    if request(session, repository, [digest], by=viewer.name):
        _tell(session, repository, viewer, digest=digest)


def delete_repository(session: Session, viewer: Viewer, repository_id: int) -> None:
    """Have everything in a repository deleted; raises as `delete_tag` does."""
    browse.find_repository(session, viewer, repository_id)
    repository = lock(session, repository_id)
    _demand_delete(session, viewer, repository)
    if request_all(session, repository, by=viewer.name):
        _tell(session, repository, viewer)


def request_all(session: Session, repository: RepositoryRow, *, by: str) -> int:
    """Ask for the deletion of everything in a locked repository; return how many are new."""
    repository.deleting_since = repository.deleting_since or now()
    return len(request(session, repository, deletions.everything_in(session, repository), by=by))


def request(
    session: Session,
    repository: RepositoryRow,
    digests: Sequence[str],
    *,
    tag: str = ALL_TAGS,
    by: str,
) -> Sequence[object]:
    """Ask for the deletion of manifests in a locked repository; return the new requests."""
    asked = deletions.ask(session, repository, digests, tag=tag, by=by, at=now())
    for row in asked:
        publish.deletion_requested(session, repository, row)
    return asked


def _demand_delete(session: Session, viewer: Viewer, repository: RepositoryRow) -> None:
    if DELETE not in actions_on(session, viewer, [repository])[repository.id]:
        raise Denied


def _tell(
    session: Session,
    repository: RepositoryRow,
    viewer: Viewer,
    *,
    tag: str | None = None,
    digest: str | None = None,
) -> None:
    publish.repository_changed(
        session, repository, "deleting", tag=tag, digest=digest, actor=viewer.name
    )
