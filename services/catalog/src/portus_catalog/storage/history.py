"""The facts that moved tags, kept for ever; told twice they are one fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portus_catalog.domain.merge import Push, newer_push
from portus_catalog.storage.chronicle import TagMoveRow
from portus_shared.db import insert_ignore

PUSH: Final = "push"
SCAN: Final = "scan"
DELETE: Final = "delete"


def remember(
    session: Session,
    repository_id: int,
    moves: Sequence[tuple[str, str]],
    *,
    source: str,
    observed_at: int,
    at: datetime,
    actor: str | None,
) -> None:
    """Write (tag, digest) facts of one moment; the digest is empty for a deletion."""
    rows = [
        {
            "repository_id": repository_id,
            "tag": tag,
            "digest": digest,
            "source": source,
            "observed_at": observed_at,
            "occurred_at": at,
            "actor": actor,
        }
        for tag, digest in moves
    ]
    insert_ignore(session, TagMoveRow.__table__, rows)


def newest_pushes(
    session: Session, repository_id: int, wanted: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], Push]:
    """Return the newest push of each (tag, digest) that was ever pushed."""
    if not wanted:
        return {}
    rows = session.scalars(
        select(TagMoveRow).where(
            TagMoveRow.repository_id == repository_id,
            TagMoveRow.tag.in_([tag for tag, _ in wanted]),
            TagMoveRow.digest.in_([digest for _, digest in wanted]),
            TagMoveRow.source == PUSH,
        )
    )
    newest: dict[tuple[str, str], Push] = {}
    for row in rows:
        push = Push(observed_at=row.observed_at, at=row.occurred_at, by=row.actor)
        key = (row.tag, row.digest)
        newest[key] = newer_push(newest.get(key), push) or push
    return newest
