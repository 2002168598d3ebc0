"""Finding repositories for a caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portus_catalog.domain.access import Viewer
from portus_catalog.storage.contents import RepositoryRow, StarRow
from portus_catalog.storage.paged import Order
from portus_catalog.storage.replica import NamespaceRow, RegistryRow
from portus_catalog.storage.visible import actions_on, may_enter, may_pull

SORTED_BY: Final[Mapping[str, InstrumentedAttribute[Any]]] = {
    "id": RepositoryRow.id,
    "name": RepositoryRow.path,
    "full_name": RepositoryRow.full_name,
    "created_at": RepositoryRow.created_at,
    "updated_at": RepositoryRow.updated_at,
    "tags_count": RepositoryRow.tags_count,
    "size_bytes": RepositoryRow.size_bytes,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list; None leaves a condition out. `text` is searched within full names."""

    full_name: str | None = None
    registry: str | None = None
    namespace: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryView:
    """A repository with what its own row does not hold."""

    row: RepositoryRow
    namespace_id: int | None
    external_host: str | None
    actions: frozenset[str]
    stars: int
    starred: bool


def order_of(attribute: str, *, descending: bool) -> Order:
    """Return the order by one of `SORTED_BY`."""
    column = SORTED_BY[attribute]
    return Order(column=column, id=RepositoryRow.id, descending=descending)


def seen_by(viewer: Viewer, wanted: Filter) -> Select[RepositoryRow]:
    """Select the repositories that are there and that the caller may see."""
    query = select(RepositoryRow).where(RepositoryRow.alive, may_pull(viewer))
    if wanted.full_name is not None:
        query = query.where(RepositoryRow.full_name == wanted.full_name)
    if wanted.registry is not None:
        query = query.where(RepositoryRow.registry_name == wanted.registry)
    if wanted.namespace is not None:
        query = query.where(RepositoryRow.namespace == wanted.namespace)
    if wanted.text:
        # As the original did, "repository:tag" searches the repository.
        text = wanted.text.lower().partition(":")[0]
        query = query.where(RepositoryRow.full_name.contains(text, autoescape=True))
    return query


def count(session: Session, wanted: Select[RepositoryRow]) -> int:
    """Return how many rows a selection has."""
    ids = wanted.with_only_columns(RepositoryRow.id).subquery()
    return session.scalar(select(func.count()).select_from(ids)) or 0


def find(session: Session, viewer: Viewer, repository_id: int) -> RepositoryRow | None:
    """Return a repository the caller may see, else None."""
    wanted = seen_by(viewer, Filter()).where(RepositoryRow.id == repository_id)
    return session.scalars(wanted).one_or_none()


def find_namespace(session: Session, viewer: Viewer, namespace_id: int) -> NamespaceRow | None:
    """Return a namespace in which the caller may see something, else None."""
    wanted = select(NamespaceRow).where(
        NamespaceRow.namespace_id == namespace_id, NamespaceRow.deleted.is_(False)
    )
    for namespace in session.scalars(wanted):
        inside = may_enter(viewer, namespace.registry_name, namespace.name)
        if session.scalar(select(inside)):
            return namespace
    return None


def viewed(session: Session, viewer: Viewer, rows: Sequence[RepositoryRow]) -> list[RepositoryView]:
    """Complete a page of repositories with a fixed number of queries."""
    actions = actions_on(session, viewer, rows)
    namespaces = _namespace_ids(session, rows)
    hosts = {row.name: row.external_host for row in session.scalars(select(RegistryRow))}
    stars, starred = _stars(session, viewer, rows)
    return [
        RepositoryView(
            row=row,
            namespace_id=namespaces.get((row.registry_name, row.namespace)),
            external_host=hosts.get(row.registry_name),
            actions=actions[row.id],
            stars=stars.get(row.id, 0),
            starred=row.id in starred,
        )
        for row in rows
    ]


def counts(session: Session, viewer: Viewer) -> Sequence[Row[str, int, int, int, datetime | None]]:
    """Return name, id, repositories, size and last push of each namespace the caller sees."""
    query = (
        select(
            RepositoryRow.namespace,
            func.min(NamespaceRow.namespace_id).label("namespace_id"),
            func.count().label("repositories"),
            func.sum(RepositoryRow.size_bytes).label("size_bytes"),
            func.max(RepositoryRow.last_push_at).label("last_push_at"),
        )
        .join(
            NamespaceRow,
            (NamespaceRow.registry_name == RepositoryRow.registry_name)
            & (NamespaceRow.name == RepositoryRow.namespace),
        )
        .where(RepositoryRow.alive, may_pull(viewer))
        .group_by(RepositoryRow.registry_name, RepositoryRow.namespace)
        .order_by(RepositoryRow.namespace)
    )
    return session.execute(query).all()


def _namespace_ids(
    session: Session, rows: Sequence[RepositoryRow]
) -> Mapping[tuple[str, str], int]:
    names = sorted({row.namespace for row in rows})
    found = session.scalars(select(NamespaceRow).where(NamespaceRow.name.in_(names)))
    return {(row.registry_name, row.name): row.namespace_id for row in found}


def _stars(
    session: Session, viewer: Viewer, rows: Sequence[RepositoryRow]
) -> tuple[Mapping[int, int], set[int]]:
    ids = [row.id for row in rows]
    among = StarRow.repository_id.in_(ids)
    sums = session.execute(
        select(StarRow.repository_id, func.count()).where(among).group_by(StarRow.repository_id)
    )
    own = select(StarRow.repository_id).where(among, StarRow.username == viewer.name)
    return {row[0]: row[1] for row in sums}, set(session.scalars(own))
