"""Look things up for a caller; what it may not see is not there (`NotFound`)."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from portus_catalog.domain.access import Viewer
from portus_catalog.storage import images, repositories, tags
from portus_catalog.storage.contents import ImageRow, ManifestRow, RepositoryRow, StarRow, TagRow
from portus_catalog.storage.replica import NamespaceRow
from portus_shared.db import insert_ignore
from portus_shared.errors import Denied, NotFound
from portus_shared.names import is_digest

_ID_MAX: Final = 2**63 - 1


def find_repository(session: Session, viewer: Viewer, repository_id: int) -> RepositoryRow:
    """Return a repository the caller may see."""
    found = repositories.find(session, viewer, _possible(repository_id))
    if found is None:
        raise NotFound
    return found


def find_namespace(session: Session, viewer: Viewer, namespace_id: int) -> NamespaceRow:
    """Return a namespace in which the caller may see something."""
    found = repositories.find_namespace(session, viewer, _possible(namespace_id))
    if found is None:
        raise NotFound
    return found


def find_tag(
    session: Session, viewer: Viewer, tag_id: int, *, repository_id: int | None = None
) -> TagRow:
    """Return a tag the caller may see, in the repository if one is given."""
    found = tags.find(session, viewer, _possible(tag_id))
    if found is None or repository_id not in {None, found.repository_id}:
        raise NotFound
    return found


def find_manifest(
    session: Session, viewer: Viewer, repository_id: int, digest: str
) -> tuple[RepositoryRow, ImageRow, ManifestRow]:
    """Return a manifest with the repository it is in, and what it is there."""
    repository = find_repository(session, viewer, repository_id)
    found = images.find(session, repository, digest) if is_digest(digest) else None
    if found is None:
        raise NotFound
    return repository, *found


def star(session: Session, viewer: Viewer, repository_id: int, *, starred: bool) -> RepositoryRow:
    """Put the caller's star on a repository, or take it off.

    Raises `Denied` for the nameless, and for tokens that are for repositories alone.
    """
    repository = find_repository(session, viewer, repository_id)
    if not viewer.name:
        raise Denied("Sign in to star a repository")
    if viewer.scopes is not None:
        raise Denied("This token is limited by scopes; use one without")
    key = {"repository_id": repository.id, "username": viewer.name}
    if starred:
        insert_ignore(session, StarRow.__table__, [key])
    elif row := session.get(StarRow, (repository.id, viewer.name)):
        session.delete(row)
    session.flush()
    return repository


def require_admin(viewer: Viewer) -> None:
    """Refuse everybody but admins; raises `Denied`."""
    if not viewer.admin:
        raise Denied


def _possible(identity: int) -> int:
    """Refuse what is no id of any row before a database has to; raises `NotFound`."""
    if identity > _ID_MAX:
        raise NotFound
    return identity
