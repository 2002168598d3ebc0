"""What is to be deleted and what goes with it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portus_catalog.domain.standing import GONE, LIVE
from portus_catalog.storage.contents import ImageRow, RepositoryRow, TagRow
from portus_catalog.storage.requests import DeletionRow
from portus_shared.clock import now
from portus_shared.db import insert_ignore

ALL_TAGS: Final = ""
_AT_ONCE: Final = 500
_FAILURE_SHOWN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is being deleted among some rows: (repository id, digest, tag), see `DeletionRow`.

    `failures` says of whole manifests why they could not be deleted, for a day.
    """

    open: frozenset[tuple[int, str, str]]
    failures: Mapping[tuple[int, str], str]

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
        _forget_failures(session, repository, [str(row["digest"]) for row in part], tag)
        insert_ignore(session, DeletionRow.__table__, part)
        ids = [row["request_id"] for row in part]
        found = session.scalars(select(DeletionRow).where(DeletionRow.request_id.in_(ids)))
        made |= {row.request_id: row for row in found}
    return [made[str(row["request_id"])] for row in rows if row["request_id"] in made]


def close(session: Session, request_id: str) -> DeletionRow | None:
    """Take a request out and return it; None for one that is closed already."""
    closed = delete(DeletionRow).where(DeletionRow.request_id == request_id).returning(DeletionRow)
    return session.scalars(closed.execution_options(synchronize_session=False)).one_or_none()


def fail(session: Session, request_id: str, reason: str, at: datetime) -> DeletionRow | None:
    """Note that a request has failed and return it; None for one that is closed already."""
    row = session.get(DeletionRow, request_id)
    if row is None or row.failed_at is not None:
        return None
    row.failed_at, row.failure = at, reason
    session.flush()
    return row


def forget_failure(session: Session, repository: RepositoryRow, digest: str) -> None:
    """Forget why a manifest could not be deleted: it is gone."""
    _forget_failures(session, repository, [digest], ALL_TAGS)


def is_any_open(session: Session, repository: RepositoryRow) -> bool:
    """Tell whether anything of a repository is still to go."""
    wanted = select(DeletionRow.request_id).where(
        DeletionRow.repository_id == repository.id, DeletionRow.failed_at.is_(None)
    )
    return session.scalars(wanted.limit(1)).first() is not None


def marks(session: Session, images: Iterable[tuple[int, str | None]]) -> Marks:
    """Return what is being deleted among these (repository id, digest)."""
    wanted = set(images)
    rows = session.scalars(
        select(DeletionRow).where(
            DeletionRow.repository_id.in_(sorted({repository for repository, _ in wanted})),
            DeletionRow.digest.in_(sorted({digest for _, digest in wanted if digest})),
        )
    ).all()
    shown_since = now() - _FAILURE_SHOWN
    return Marks(
        open=frozenset(
            (row.repository_id, row.digest, row.tag) for row in rows if row.failed_at is None
        ),
        failures={
            (row.repository_id, row.digest): row.failure or ""
            for row in rows
            if row.failed_at is not None and row.failed_at > shown_since and row.tag == ALL_TAGS
        },
    )


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


def _forget_failures(
    session: Session, repository: RepositoryRow, digests: Sequence[str], tag: str
) -> None:
    session.execute(
        delete(DeletionRow).where(
            DeletionRow.repository_id == repository.id,
            DeletionRow.digest.in_(digests),
            DeletionRow.tag == tag,
            DeletionRow.failed_at.is_not(None),
        )
    )
