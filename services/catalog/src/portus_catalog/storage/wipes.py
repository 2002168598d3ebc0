"""Deleted namespaces whose images are on their way out of the registry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session

from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.requests import DeletionRow, WipeRow
from portus_shared.db import upsert


def begin(session: Session, wipe: WipeRow) -> None:
    """Begin to empty a namespace, or begin anew."""
    values: dict[str, Any] = {
        "registry": wipe.registry_name,
        "namespace": wipe.namespace,
        "namespace_id": wipe.namespace_id,
        "revision": wipe.revision,
        "requested_by": wipe.requested_by,
        "attempts": 0,
        "next_try_at": wipe.next_try_at,
        "cleared_at": None,
    }
    upsert(session, WipeRow.__table__, values, key=["registry", "namespace"], newer="revision")


def end(session: Session, registry: str, namespace: str) -> None:
    """Forget about emptying a namespace."""
    session.execute(
        delete(WipeRow).where(WipeRow.registry_name == registry, WipeRow.namespace == namespace)
    )


def take_due(session: Session, *, at: datetime) -> WipeRow | None:
    """Return one that is due, locked until the transaction ends."""
    due = select(WipeRow).where(WipeRow.next_try_at <= at).order_by(WipeRow.next_try_at).limit(1)
    return session.scalars(due.with_for_update(skip_locked=True)).one_or_none()


def is_due(session: Session, *, at: datetime) -> bool:
    """Tell whether one is due; cheaper than taking it, because it only reads."""
    due = select(WipeRow.namespace).where(WipeRow.next_try_at <= at).limit(1)
    return session.scalars(due).first() is not None


def cleared_before(session: Session, registry: str, moment: datetime) -> Sequence[WipeRow]:
    """Return those in which nothing known was left before a moment."""
    cleared = (WipeRow.registry_name == registry) & (WipeRow.cleared_at <= moment)
    return session.scalars(select(WipeRow).where(cleared).with_for_update()).all()


def count_going(session: Session, wipe: WipeRow) -> int:
    """Return how many repositories of a namespace are being deleted now."""
    going = (_in(wipe), RepositoryRow.deleting_since.is_not(None))
    return session.scalar(select(func.count()).select_from(RepositoryRow).where(*going)) or 0


def untouched_in(
    session: Session, wipe: WipeRow, *, failed: bool, limit: int
) -> Sequence[RepositoryRow]:
    """Return repositories whose deletion is not under way: it has failed, or was never asked."""
    has_failed = exists().where(
        DeletionRow.repository_id == RepositoryRow.id, DeletionRow.failed_at.is_not(None)
    )
    wanted = select(RepositoryRow).where(
        _in(wipe), RepositoryRow.deleting_since.is_(None), has_failed if failed else ~has_failed
    )
    return session.scalars(wanted.order_by(RepositoryRow.id).limit(limit).with_for_update()).all()


def is_anything_in(session: Session, wipe: WipeRow) -> bool:
    """Tell whether a repository of a namespace is there, or a deletion in it is still open."""
    there = select(RepositoryRow.id).where(_in(wipe)).limit(1)
    asked = (
        select(DeletionRow.request_id)
        .join(RepositoryRow, RepositoryRow.id == DeletionRow.repository_id)
        .where(
            RepositoryRow.registry_name == wipe.registry_name,
            RepositoryRow.namespace == wipe.namespace,
            DeletionRow.failed_at.is_(None),
        )
        .limit(1)
    )
    return bool(session.scalars(there).first() or session.scalars(asked).first())


def _in(wipe: WipeRow) -> ColumnElement[bool]:
    return (
        (RepositoryRow.registry_name == wipe.registry_name)
        & (RepositoryRow.namespace == wipe.namespace)
        & RepositoryRow.alive
    )
