"""Finding tags for a caller; folded tags (signatures and the like) are not listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portus_catalog.domain.access import Viewer
from portus_catalog.domain.standing import GONE, LIVE
from portus_catalog.storage import deletions
from portus_catalog.storage.contents import RepositoryRow, TagRow
from portus_catalog.storage.descriptions import Description, described
from portus_catalog.storage.paged import Order
from portus_catalog.storage.replica import UserRow
from portus_catalog.storage.visible import may_pull

SORTED_BY: Final[Mapping[str, InstrumentedAttribute[Any]]] = {
    "id": TagRow.id,
    "name": TagRow.name,
    "created_at": TagRow.created_at,
    "updated_at": TagRow.updated_at,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TagView:
    """A tag with what its own row does not hold."""

    row: TagRow
    author_id: int | None
    description: Description | None
    deleting: bool


def order_of(attribute: str, *, descending: bool) -> Order:
    """Return the order by one of `SORTED_BY`."""
    return Order(column=SORTED_BY[attribute], id=TagRow.id, descending=descending)


def of_repository(repository: RepositoryRow, name: str | None = None) -> Select[TagRow]:
    """Select the tags of a repository, or the one with this name, which may be a folded one."""
    wanted = select(TagRow).where(TagRow.repository_id == repository.id)
    if name is not None:
        return wanted.where(TagRow.name == name, TagRow.state != GONE)
    return wanted.where(TagRow.state == LIVE)


def count_in(session: Session, repository: RepositoryRow, name: str | None = None) -> int:
    """Return how many tags `of_repository` selects."""
    if name is None:
        return repository.tags_count
    return len(session.scalars(of_repository(repository, name)).all())


def seen_by(viewer: Viewer) -> Select[TagRow]:
    """Select all tags the caller may see."""
    # Asked of each tag, so that a page reads no more of them than it shows.
    is_seen = exists().where(
        RepositoryRow.id == TagRow.repository_id, RepositoryRow.alive, may_pull(viewer)
    )
    return select(TagRow).where(TagRow.state == LIVE, is_seen)


def count_seen_by(session: Session, viewer: Viewer) -> int:
    """Return how many tags the caller may see, from the repositories' counters."""
    total = select(func.sum(RepositoryRow.tags_count)).where(RepositoryRow.alive, may_pull(viewer))
    return int(session.scalar(total) or 0)


def find(session: Session, viewer: Viewer, tag_id: int) -> TagRow | None:
    """Return a tag the caller may see, folded ones too, else None."""
    joined = select(TagRow).join(RepositoryRow, RepositoryRow.id == TagRow.repository_id)
    wanted = joined.where(TagRow.id == tag_id, TagRow.state != GONE, may_pull(viewer))
    return session.scalars(wanted).one_or_none()


def viewed(session: Session, rows: Sequence[TagRow]) -> list[TagView]:
    """Complete a page of tags with a fixed number of queries for each registry on it."""
    names = sorted({row.pushed_by for row in rows if row.pushed_by})
    authors = session.execute(
        select(UserRow.username, UserRow.user_id).where(UserRow.username.in_(names))
    )
    ids = {author.username: author.user_id for author in authors}
    descriptions = _descriptions(session, rows)
    marks = deletions.marks(session, ((row.repository_id, row.digest) for row in rows))
    return [
        TagView(
            row=row,
            author_id=ids.get(row.pushed_by or ""),
            description=descriptions.get((row.repository_id, row.digest or "")),
            deleting=marks.tag(row),
        )
        for row in rows
    ]


def _descriptions(
    session: Session, rows: Sequence[TagRow]
) -> Mapping[tuple[int, str], Description]:
    repositories = select(RepositoryRow.id, RepositoryRow.registry_name).where(
        RepositoryRow.id.in_(sorted({row.repository_id for row in rows}))
    )
    registries = {row.id: row.registry_name for row in session.execute(repositories)}
    found: dict[tuple[int, str], Description] = {}
    for registry in sorted(set(registries.values())):
        here = [row for row in rows if registries[row.repository_id] == registry]
        known = described(session, registry, {row.digest or "" for row in here})
        found |= {
            (row.repository_id, row.digest or ""): known[row.digest or ""]
            for row in here
            if row.digest in known
        }
    return found
