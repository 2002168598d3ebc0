"""What happened, newest first; a fact told twice is one activity."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portus_catalog.storage.chronicle import ActivityRow
from portus_shared.db import insert_ignore


def record(
    session: Session,
    key: str,
    *identity: object,
    at: datetime,
    actor: str | None,
    repository_id: int | None = None,
    tag: str | None = None,
    digest: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Write one activity unless the same key and identity was written before."""
    values = {
        "key": key,
        "repository_id": repository_id,
        "tag": tag,
        "digest": digest,
        "actor": actor,
        "occurred_at": at,
        "details": details,
        "same": _same(key, identity),
    }
    return insert_ignore(session, ActivityRow.__table__, [values]) > 0


def add_to_scan(session: Session, scan_id: str, at: datetime, *, added: int, moved: int) -> None:
    """Count one repository's differences in the one activity of a scan."""
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
        "repositories": sums["repositories"] + 1,
    }


def _same(key: str, identity: tuple[object, ...]) -> str:
    return hashlib.sha256(repr((key, identity)).encode()).hexdigest()
