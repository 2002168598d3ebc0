"""Namespaces with images that nobody can see: auth has none of the name, or deleted it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session

from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.replica import NamespaceRow
from portus_catalog.storage.requests import WipeRow

Orphan = Row[str, str, int, int, datetime | None, bool, bool]


def page(session: Session, *, after: tuple[str, str] | None, limit: int) -> Sequence[Orphan]:
    """Return orphans by name (after a namespace and its registry), with what lies in each.

    `deleted` says that auth had the namespace once, `emptying` that its images are on their way.
    """
    repository, known = RepositoryRow, NamespaceRow
    place = (repository.namespace, repository.registry_name)
    query = (
        select(
            repository.namespace,
            repository.registry_name.label("registry"),
            func.count().label("repositories"),
            func.sum(repository.size_bytes).label("size_bytes"),
            func.max(repository.last_push_at).label("last_push_at"),
            known.name.is_not(None).label("deleted"),
            WipeRow.namespace.is_not(None).label("emptying"),
        )
        .outerjoin(
            known,
            and_(
                known.registry_name == repository.registry_name, known.name == repository.namespace
            ),
        )
        .outerjoin(
            WipeRow,
            and_(
                WipeRow.registry_name == repository.registry_name,
                WipeRow.namespace == repository.namespace,
            ),
        )
        .where(repository.alive, or_(known.name.is_(None), known.deleted))
        .group_by(*place, known.name, WipeRow.namespace)
        .order_by(*place)
        .limit(limit)
    )
    if after is not None:
        name, registry = after
        beyond = and_(repository.namespace == name, repository.registry_name > registry)
        query = query.where(or_(repository.namespace > name, beyond))
    return session.execute(query).all()
