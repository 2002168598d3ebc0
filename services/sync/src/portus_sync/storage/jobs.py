"""The manifests still to be read.

A job is taken by moving its `next_try_at` on: a lease. The condition is repeated in the update, so
that of two workers only one gets the row.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from portus_shared.db import insert_ignore
from portus_sync.storage.tables import DescribeJob, Registry

LEASE = timedelta(seconds=120)
_DIGESTS_AT_ONCE = 500


def ask(
    session: Session, registry: str, repository: str, digests: Iterable[str], *, at: datetime
) -> None:
    """Make sure that these manifests, which the registry has, are or will be described.

    A job that was given up, or found no manifest then, is taken up again.
    """
    wanted = sorted(set(digests))
    row = {"registry": registry, "repository": repository, "state": "pending", "attempts": 0}
    rows = [{**row, "digest": digest, "next_try_at": at} for digest in wanted]
    if insert_ignore(session, DescribeJob.__table__, rows) == len(rows):
        return
    for start in range(0, len(wanted), _DIGESTS_AT_ONCE):
        named = _named(registry, repository, wanted[start : start + _DIGESTS_AT_ONCE])
        session.execute(
            update(DescribeJob)
            .where(named, DescribeJob.state.in_(["gone", "failed"]))
            .values(state="pending", attempts=0, next_try_at=at, reason=None)
            .execution_options(synchronize_session=False)
        )


def forget(session: Session, registry: str, repository: str, digest: str) -> None:
    """Forget one manifest, so that it is described anew when it comes back."""
    session.execute(delete(DescribeJob).where(_named(registry, repository, [digest])))


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
    return dict(session.execute(by_state).tuples().all())


def has_due(session: Session, *, at: datetime) -> bool:
    """Tell whether `take` would find something; cheaper than taking, because it only reads."""
    return session.scalars(select(DescribeJob.id).where(_due(at)).limit(1)).first() is not None


def _due(at: datetime) -> ColumnElement[bool]:
    return (
        (DescribeJob.state == "pending")
        & (DescribeJob.next_try_at <= at)
        & DescribeJob.registry_name.in_(select(Registry.name).where(Registry.enabled))
    )


def _named(registry: str, repository: str, digests: Sequence[str]) -> ColumnElement[bool]:
    return (
        (DescribeJob.registry_name == registry)
        & (DescribeJob.repository == repository)
        & DescribeJob.digest.in_(digests)
    )
