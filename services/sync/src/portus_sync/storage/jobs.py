"""The manifests still to be read.

A job is taken by moving its `next_try_at` on: a lease. The condition is repeated in the update, so
that of two workers only one gets the row.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from portus_shared.db import insert_ignore
from portus_sync.domain.places import Place
from portus_sync.storage.places import is_at_places, slices_of
from portus_sync.storage.tables import DescribeJob, Registry, table_of

LEASE = timedelta(seconds=120)
_NEW = {"state": "pending", "attempts": 0}

_jobs = table_of(DescribeJob)
_TAKE_UP_AGAIN = (
    update(_jobs)
    .where(is_at_places(_jobs), _jobs.c.state.in_(["gone", "failed"]))
    .values(state="pending", attempts=0, next_try_at=bindparam("at"), reason=None)
)
_FORGET = delete(_jobs).where(is_at_places(_jobs))


def ask(session: Session, places: Iterable[Place], *, at: datetime) -> None:
    """Make sure that these manifests, which the registry has, are or will be described.

    A job that was given up, or found no manifest then, is taken up again.
    """
    for some in slices_of(places):
        rows = [{**_NEW, **place._asdict(), "next_try_at": at} for place in some["places"]]
        if insert_ignore(session, _jobs, rows) < len(rows):
            session.execute(_TAKE_UP_AGAIN, {**some, "at": at})


def forget(session: Session, places: Iterable[Place]) -> None:
    """Forget manifests, so that they are described anew when they come back."""
    for some in slices_of(places):
        session.execute(_FORGET, some)


def forget_all(session: Session) -> None:
    """Forget every finished job: whoever kept the descriptions has lost them."""
    session.execute(delete(DescribeJob).where(DescribeJob.state != "pending"))


def take(session: Session, *, at: datetime, limit: int) -> Sequence[DescribeJob]:
    """Take the jobs that are due, oldest first."""
    due = _due(at)
    ids = select(DescribeJob.id).where(due).order_by(DescribeJob.next_try_at, DescribeJob.id)
    taken = (
        update(DescribeJob)
        .where(DescribeJob.id.in_(ids.limit(limit)), due)
        .values(next_try_at=at + LEASE)
        .returning(DescribeJob)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(taken).all()


def finish(session: Session, job_id: int, state: str, reason: str | None = None) -> None:
    """Close a job; one that was forgotten meanwhile stays forgotten."""
    session.execute(
        update(DescribeJob).where(DescribeJob.id == job_id).values(state=state, reason=reason)
    )


def postpone(session: Session, job_id: int, *, reason: str, until: datetime) -> None:
    """Give a job back after a failed attempt."""
    session.execute(
        update(DescribeJob)
        .where(DescribeJob.id == job_id)
        .values(attempts=DescribeJob.attempts + 1, next_try_at=until, reason=reason)
    )


def counts(session: Session) -> dict[str, int]:
    """Return how many jobs there are in each state."""
    by_state = select(DescribeJob.state, func.count()).group_by(DescribeJob.state)
    return dict(session.execute(by_state).all())


def has_due(session: Session, *, at: datetime) -> bool:
    """Tell whether `take` would find something; cheaper than taking, because it only reads."""
    return session.scalars(select(DescribeJob.id).where(_due(at)).limit(1)).first() is not None


def _due(at: datetime) -> ColumnElement[bool]:
    return (
        (DescribeJob.state == "pending")
        & (DescribeJob.next_try_at <= at)
        & DescribeJob.registry_name.in_(select(Registry.name).where(Registry.enabled))
    )
