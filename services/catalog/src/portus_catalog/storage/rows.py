"""Finding the rows that facts are merged into, and making those that are new.

What a batch of facts needs is found with a fixed number of queries, however many repositories and
digests it speaks of; one fact is a batch of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from portus_catalog.domain.standing import GONE
from portus_catalog.storage.contents import ImageRow, RepositoryRow, TagRow
from portus_shared.db import insert_ignore
from portus_shared.names import namespace_of, path_in_namespace

Place = tuple[int, str]
"""A repository's id, and a digest or a tag in it."""

Named = tuple[str, str]
"""A registry, and a repository's full name or a digest in it."""

# A statement has room for some ten thousand values.
_AT_ONCE: Final = 500
_Key = TypeVar("_Key", Place, Named, int)


def locked_repository(
    session: Session, registry: str, full_name: str, at: datetime
) -> RepositoryRow:
    """Return the repository, made if new, locked until the transaction ends."""
    name = (registry, full_name)
    return locked_repositories(session, {name: at})[name]


def locked_repositories(
    session: Session, wanted: Mapping[Named, datetime]
) -> dict[Named, RepositoryRow]:
    """Return repositories, locked in one order; new ones are made at the given times."""
    found = _locked(session, wanted)
    missing = sorted(wanted.keys() - found.keys())
    if missing:
        rows = [_new_repository(name, wanted[name]) for name in missing]
        insert_ignore(session, RepositoryRow.__table__, rows)
        found |= _locked(session, missing)
    return found


def _locked(session: Session, names: Iterable[Named]) -> dict[Named, RepositoryRow]:
    found: dict[Named, RepositoryRow] = {}
    place = tuple_(RepositoryRow.registry_name, RepositoryRow.full_name)
    for some in slices_of(names):
        wanted = select(RepositoryRow).where(place.in_(some)).order_by(RepositoryRow.id)
        for row in session.scalars(wanted.with_for_update()):
            found[row.registry_name, row.full_name] = row
    return found


def _new_repository(name: Named, at: datetime) -> dict[str, Any]:
    registry, full_name = name
    return {
        "registry": registry,
        "full_name": full_name,
        "namespace": namespace_of(full_name),
        "path": path_in_namespace(full_name),
        "created_at": at,
        "updated_at": at,
        "alive": False,
        "tags_count": 0,
        "images_count": 0,
        "untagged_count": 0,
        "manifests_count": 0,
        "size_bytes": 0,
        "pulls_count": 0,
    }


def lock(session: Session, repository_id: int) -> RepositoryRow:
    """Return a repository there is, read anew and locked until the transaction ends."""
    wanted = select(RepositoryRow).where(RepositoryRow.id == repository_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def locked_by_id(session: Session, ids: Iterable[int]) -> dict[int, RepositoryRow]:
    """Return repositories there are, locked in one order."""
    found: dict[int, RepositoryRow] = {}
    for some in slices_of(ids):
        wanted = select(RepositoryRow).where(RepositoryRow.id.in_(some)).order_by(RepositoryRow.id)
        found |= {row.id: row for row in session.scalars(wanted.with_for_update())}
    return found


def images_at(session: Session, places: Iterable[Place]) -> dict[Place, ImageRow]:
    """Return the rows there are of these digests in their repositories, gone ones included."""
    found: dict[Place, ImageRow] = {}
    place = tuple_(ImageRow.repository_id, ImageRow.digest)
    for some in slices_of(places):
        for image in session.scalars(select(ImageRow).where(place.in_(some))):
            found[image.repository_id, image.digest] = image
    return found


def tags_at(session: Session, places: Iterable[Place]) -> dict[Place, TagRow]:
    """Return the tags there are with these names in their repositories, gone ones included."""
    found: dict[Place, TagRow] = {}
    place = tuple_(TagRow.repository_id, TagRow.name)
    for some in slices_of(places):
        for tag in session.scalars(select(TagRow).where(place.in_(some))):
            found[tag.repository_id, tag.name] = tag
    return found


def find_image(session: Session, repository: RepositoryRow, digest: str) -> ImageRow | None:
    """Return the row of one digest in a repository, also when it is gone."""
    place = (repository.id, digest)
    return images_at(session, [place]).get(place)


def find_tag(session: Session, repository: RepositoryRow, name: str) -> TagRow | None:
    """Return the row of one tag of a repository, also when it is gone."""
    place = (repository.id, name)
    return tags_at(session, [place]).get(place)


def slices_of(keys: Iterable[_Key]) -> Iterator[Sequence[_Key]]:
    """Cut keys into slices that a statement has room for."""
    ordered = sorted(set(keys))
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def new_image(repository: RepositoryRow, digest: str, at: datetime) -> ImageRow:
    """Make an image row that no fact has been merged into yet."""
    return ImageRow(
        repository_id=repository.id,
        digest=digest,
        seen=0,
        deleted=0,
        standing=GONE,
        has_subject=False,
        has_children=False,
        first_at=at,
        changed_at=at,
        pulls_count=0,
    )


def new_tag(repository: RepositoryRow, name: str, at: datetime) -> TagRow:
    """Make a tag row that no fact has been merged into yet."""
    return TagRow(
        repository_id=repository.id,
        name=name,
        digest=None,
        observed_at=0,
        state=GONE,
        created_at=at,
        updated_at=at,
        pulls_count=0,
    )
