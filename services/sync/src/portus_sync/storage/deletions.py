"""What is to be deleted from registries, what became of it, and who wanted it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.orm import Session

from portus_shared.db import insert_ignore
from portus_sync.domain.places import Place
from portus_sync.storage.places import is_at_places, slices_of
from portus_sync.storage.tables import Deletion, table_of

LEASE: Final = timedelta(seconds=30)
"""Short, so that a crash delays little: asking a registry twice does no harm."""

STATES: Final = ("waiting", "running", "done", "failed")
_OPEN: Final = ("waiting", "running")

_deletions = table_of(Deletion)
_CALL_OFF = (
    update(_deletions)
    .where(is_at_places(_deletions), _deletions.c.state == "waiting")
    .values(state="failed", finished_at=bindparam("at"), reason=bindparam("why"))
    .returning(_deletions.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a request names; with a tag only that tag is meant."""

    registry: str
    repository: str
    digest: str
    tag: str | None


def ask(
    session: Session, request_id: str, wanted: Wanted, *, requested_by: str, at: datetime
) -> None:
    """Queue a request; one that came before is left as it is."""
    row = {
        "id": request_id,
        "registry": wanted.registry,
        "repository": wanted.repository,
        "digest": wanted.digest,
        "tag": wanted.tag,
        "requested_by": requested_by,
        "requested_at": at,
        "asked_at": at,
        "state": "waiting",
        "attempts": 0,
        "next_try_at": at,
    }
    insert_ignore(session, Deletion.__table__, [row])


def take(session: Session, *, at: datetime, limit: int) -> Sequence[Deletion]:
    """Take the deletions that are due, oldest first (see `jobs.take`)."""
    due = _due(at)
    ids = select(Deletion.number).where(due).order_by(Deletion.next_try_at, Deletion.number)
    taken = (
        update(Deletion)
        .where(Deletion.number.in_(ids.limit(limit)), due)
        .values(state="running", next_try_at=at + LEASE)
        .returning(Deletion)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(taken), key=lambda deletion: deletion.number)


def has_due(session: Session, *, at: datetime) -> bool:
    """Tell whether `take` would find something; cheaper than taking, because it only reads."""
    return session.scalars(select(Deletion.number).where(_due(at)).limit(1)).first() is not None


def finish(
    session: Session, deletion: Deletion, state: str, *, at: datetime, reason: str | None = None
) -> bool:
    """Close a deletion as `done` or `failed`; tell whether it was open until now."""
    closed = (
        update(Deletion)
        .where(Deletion.number == deletion.number, Deletion.state.in_(_OPEN))
        .values(state=state, finished_at=at, reason=reason)
        .returning(Deletion.number)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(closed).first() is not None


def postpone(session: Session, deletion: Deletion, *, reason: str, until: datetime) -> None:
    """Give a deletion back: the registry did not answer."""
    session.execute(
        update(Deletion)
        .where(Deletion.number == deletion.number, Deletion.state == "running")
        .values(state="waiting", attempts=Deletion.attempts + 1, next_try_at=until, reason=reason)
    )


def call_off(
    session: Session, places: Iterable[Place], *, at: datetime, reason: str
) -> Sequence[str]:
    """Close as failed what the registry was not asked for yet; return the requests' ids."""
    said = {"at": at, "why": reason}
    return [
        request_id
        for some in slices_of(places)
        for request_id in session.scalars(_CALL_OFF, {**some, **said})
    ]


def requester(session: Session, registry: str, repository: str, digest: str | None) -> str | None:
    """Return who last wanted something gone from a repository, a certain digest if one is given."""
    named = _named(registry, repository)
    if digest is not None:
        named &= Deletion.digest == digest
    newest = select(Deletion.requested_by).where(named).order_by(Deletion.number.desc())
    return session.scalars(newest.limit(1)).first()


def by_id(session: Session, request_id: str) -> Deletion | None:
    """Return one deletion, locked until the transaction ends."""
    return session.scalars(
        select(Deletion).where(Deletion.id == request_id).with_for_update()
    ).one_or_none()


def listed(
    session: Session,
    *,
    requested_by: str | None,
    state: str | None,
    before: int | None,
    limit: int,
) -> Sequence[Deletion]:
    """Return deletions, newest first: one person's, in one state, before a number, if given."""
    newest = select(Deletion).order_by(Deletion.number.desc()).limit(limit)
    if requested_by is not None:
        newest = newest.where(Deletion.requested_by == requested_by)
    if state is not None:
        newest = newest.where(Deletion.state == state)
    if before is not None:
        newest = newest.where(Deletion.number < before)
    return session.scalars(newest).all()


def forget_before(session: Session, moment: datetime) -> None:
    """Drop what was finished before `moment`."""
    session.execute(delete(Deletion).where(Deletion.finished_at < moment))


def _due(at: datetime) -> ColumnElement[bool]:
    return Deletion.state.in_(_OPEN) & (Deletion.next_try_at <= at)


def _named(registry: str, repository: str) -> ColumnElement[bool]:
    return (Deletion.registry_name == registry) & (Deletion.repository == repository)
