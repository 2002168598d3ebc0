"""What is to be deleted and what goes with it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portus_catalog.domain.standing import GONE, LIVE
from portus_catalog.storage.contents import ImageRow, RepositoryRow, TagRow
from portus_catalog.storage.requests import DeletionRow
from portus_shared.db import insert_ignore

ALL_TAGS: Final = ""
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is being deleted among some rows: (repository id, digest, tag), see `DeletionRow`."""

    open: frozenset[tuple[int, str, str]]

    def image(self, repository_id: int, digest: str) -> bool:
        """Tell whether a manifest is being deleted."""
        return (repository_id, digest, ALL_TAGS) in self.open

    def tag(self, row: TagRow) -> bool:
        """Tell whether a tag is being deleted, alone or with what it points to."""
        key = (row.repository_id, row.digest or "")
        return bool({(*key, ALL_TAGS), (*key, row.name)} & self.open)


def ask(
    session: Session,
    repository: RepositoryRow,
    digests: Iterable[str],
    *,
    tag: str = ALL_TAGS,
    by: str,
    at: datetime,
) -> Sequence[DeletionRow]:
    """Remember what is to go; return the requests that are new, in the order of `digests`."""
    rows = [
        {
            "request_id": str(uuid.uuid4()),
            "repository_id": repository.id,
            "digest": digest,
            "tag": tag,
            "requested_by": by,
            "requested_at": at,
        }
        for digest in digests
    ]
    made: dict[str, DeletionRow] = {}
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        insert_ignore(session, DeletionRow.__table__, part)
        ids = [row["request_id"] for row in part]
        found = session.scalars(select(DeletionRow).where(DeletionRow.request_id.in_(ids)))
        made |= {row.request_id: row for row in found}
    return [made[str(row["request_id"])] for row in rows if row["request_id"] in made]


def close(session: Session, request_id: str) -> DeletionRow | None:
    """Take a request out and return it; None for one that is closed already."""
    closed = delete(DeletionRow).where(DeletionRow.request_id == request_id).returning(DeletionRow)
    return session.scalars(closed.execution_options(synchronize_session=False)).one_or_none()


def is_any_open(session: Session, repository: RepositoryRow) -> bool:
    """Tell whether anything of a repository is still to go."""
    wanted = select(DeletionRow.request_id).where(DeletionRow.repository_id == repository.id)
    return session.scalars(wanted.limit(1)).first() is not None


def marks(session: Session, images: Iterable[tuple[int, str | None]]) -> Marks:
    """Return what is being deleted among these (repository id, digest)."""
    wanted = set(images)
    rows = session.execute(
        select(DeletionRow.repository_id, DeletionRow.digest, DeletionRow.tag).where(
            DeletionRow.repository_id.in_(sorted({repository for repository, _ in wanted})),
            DeletionRow.digest.in_(sorted({digest for _, digest in wanted if digest})),
        )
    )
    return Marks(open=frozenset((row.repository_id, row.digest, row.tag) for row in rows))


def siblings(session: Session, tag: TagRow) -> Sequence[str]:
    """Return the other tags that point to what this one does."""
    others = select(TagRow.name).where(
        TagRow.repository_id == tag.repository_id,
        TagRow.digest == tag.digest,
        TagRow.state == LIVE,
        TagRow.id != tag.id,
    )
    return session.scalars(others.order_by(TagRow.name)).all()


def everything_in(session: Session, repository: RepositoryRow) -> Sequence[str]:
    """Return every manifest of a repository; an index comes before what it lists."""
    here = select(ImageRow.digest).where(
        ImageRow.repository_id == repository.id, ImageRow.standing != GONE
    )
    return session.scalars(here.order_by(ImageRow.has_children.desc(), ImageRow.id)).all()
