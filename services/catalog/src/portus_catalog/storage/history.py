"""The facts that moved tags, kept for ever; told twice they are one fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from portus_catalog.domain.merge import Push, newer_push
from portus_catalog.storage.chronicle import TagMoveRow
from portus_catalog.storage.rows import Place, slices_of
from portus_shared.db import insert_ignore

PUSH: Final = "push"
SCAN: Final = "scan"
DELETE: Final = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagMove:
    """What a tag pointed to at a moment; the digest is empty for a deletion."""

    repository_id: int
    tag: str
    digest: str
    source: str
    observed_at: int
    occurred_at: datetime
    actor: str | None


def remember(session: Session, moves: Sequence[TagMove]) -> None:
    """Write facts that are not known yet, in their order."""
    insert_ignore(session, TagMoveRow.__table__, [asdict(move) for move in moves])


def newest_pushes(session: Session, wanted: Mapping[Place, str]) -> Mapping[Place, Push]:
    """Return the newest push of each tag to the digest given for it, where there was one."""
    place = tuple_(TagMoveRow.repository_id, TagMoveRow.tag)
    newest: dict[Place, Push] = {}
    for some in slices_of(wanted):
        rows = session.scalars(
            select(TagMoveRow).where(
                place.in_(some),
                TagMoveRow.digest.in_(sorted({wanted[key] for key in some})),
                TagMoveRow.source == PUSH,
            )
        )
        for row in rows:
            key = (row.repository_id, row.tag)
            if row.digest != wanted[key]:
                continue
            push = Push(observed_at=row.observed_at, at=row.occurred_at, by=row.actor)
            newest[key] = newer_push(newest.get(key), push) or push
    return newest
