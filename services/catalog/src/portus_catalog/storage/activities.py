"""What happened, newest first; a fact told twice is one activity."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from portus_catalog.domain.access import Viewer
from portus_catalog.storage.chronicle import ActivityRow
from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.paged import After, Order, following
from portus_catalog.storage.visible import may_pull
from portus_shared.db import insert_ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityView:
    """An activity with the full name of its repository."""

    row: ActivityRow
    repository: str | None


Entry = Mapping[str, Any]
"""The row of an activity, before it is written."""


def entry(
    key: str,
    *identity: object,
    at: datetime,
    actor: str | None,
    repository_id: int | None = None,
    tag: str | None = None,
    digest: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Entry:
    """Make an activity; the same key and identity make the same one."""
    return {
        "key": key,
        "repository_id": repository_id,
        "tag": tag,
        "digest": digest,
        "actor": actor,
        "occurred_at": at,
        "details": details,
        "same": _same(key, identity),
    }


def record_all(session: Session, entries: Sequence[Entry]) -> None:
    """Write those activities that were not written before."""
    insert_ignore(session, ActivityRow.__table__, entries)


def record(session: Session, key: str, *identity: object, **facts: Any) -> None:
    """Write one activity unless it was written before; takes what `entry` takes."""
    record_all(session, [entry(key, *identity, **facts)])


def add_to_scan(
    session: Session, scan_id: str, at: datetime, *, repositories: int, added: int, moved: int
) -> None:
    """Count the differences of some repositories in the one activity of a scan."""
    nothing: dict[str, Any] = {"added": 0, "moved": 0, "repositories": 0, "scan_id": scan_id}
    record(session, "registry.scan", scan_id, at=at, actor=None, details=nothing)
    row = session.scalars(
        select(ActivityRow)
        .where(ActivityRow.same == _same("registry.scan", (scan_id,)))
        .with_for_update()
    ).one()
    sums = row.details or nothing
    row.details = {
        **sums,
        "added": sums["added"] + added,
        "moved": sums["moved"] + moved,
        "repositories": sums["repositories"] + repositories,
    }


def seen_by(viewer: Viewer, *, repository_id: int | None, namespace: str | None) -> Select[Any]:
    """Select the activities of what the caller may see; admins see those of nothing else too."""
    wanted = _of_namespace(viewer, namespace) if namespace is not None else _of_all(viewer)
    if repository_id is not None:
        wanted = wanted.where(ActivityRow.repository_id == repository_id)
    return wanted


def _of_all(viewer: Viewer) -> Select[Any]:
    seen = may_pull(viewer)
    if viewer.admin:
        seen = or_(seen, ActivityRow.repository_id.is_(None))
    joined = select(ActivityRow).outerjoin(
        RepositoryRow, RepositoryRow.id == ActivityRow.repository_id
    )
    return joined.where(seen)


def _of_namespace(viewer: Viewer, namespace: str) -> Select[Any]:
    # Its repositories first: a small namespace has few of the activities, and long ago.
    inside = select(RepositoryRow.id).where(RepositoryRow.namespace == namespace, may_pull(viewer))
    return select(ActivityRow).where(ActivityRow.repository_id.in_(inside))


def page(
    session: Session, wanted: Select[ActivityRow], after: After
) -> tuple[list[ActivityView], tuple[Any, ...] | None]:
    """Return activities, newest first, and where to go on."""
    order = Order(column=ActivityRow.occurred_at, id=ActivityRow.id, descending=True)
    rows, position = following(session, wanted, order, after)
    ids = {row.repository_id for row in rows if row.repository_id is not None}
    named = session.execute(
        select(RepositoryRow.id, RepositoryRow.full_name).where(RepositoryRow.id.in_(sorted(ids)))
    )
    names = {row.id: row.full_name for row in named}
    views = [ActivityView(row=row, repository=names.get(row.repository_id or 0)) for row in rows]
    return views, position


def _same(key: str, identity: tuple[object, ...]) -> str:
    return hashlib.sha256(repr((key, identity)).encode()).hexdigest()
