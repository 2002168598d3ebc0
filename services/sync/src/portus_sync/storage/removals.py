"""Tags that a scan did not find, on their way to being removed, held or found after all."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from portus_shared.db import insert_ignore
from portus_sync.storage.tables import Removal

LEASE = timedelta(seconds=60)


def ask(
    session: Session,
    *,
    registry: str,
    repository: str,
    tags: Sequence[tuple[str, str | None]],
    scan_id: str,
    at: datetime,
) -> None:
    """Queue tags (with the digest each was known by); what a person must decide stays held."""
    for start in range(0, len(tags), 500):
        part = tags[start : start + 500]
        rows: list[dict[str, object]] = [
            {
                "registry": registry,
                "repository": repository,
                "tag": tag,
                "digest": digest,
                "scan_id": scan_id,
                "state": "asked",
                "asked_at": at,
                "attempts": 0,
                "next_try_at": at,
            }
            for tag, digest in part
        ]
        insert_ignore(session, Removal.__table__, rows)
        session.execute(
            update(Removal)
            .where(
                Removal.registry_name == registry,
                Removal.repository == repository,
                Removal.tag.in_([tag for tag, _ in part]),
                Removal.state.in_(["removed", "present"]),
            )
            .values(state="asked", scan_id=scan_id, asked_at=at, attempts=0, next_try_at=at)
        )


def quiet_scans(session: Session, *, before: datetime) -> Sequence[str]:
    """Return the scans with undecided removals whose last one was asked before `before`."""
    latest = (
        select(Removal.scan_id)
        .where(Removal.state == "asked")
        .group_by(Removal.scan_id)
        .having(func.max(Removal.asked_at) < before)
    )
    return session.scalars(latest).all()


def count(session: Session, scan_id: str) -> int:
    """Return how many removals a scan led to that the registry did not contradict."""
    counted = (Removal.scan_id == scan_id) & (Removal.state != "present")
    return session.scalar(select(func.count()).where(counted)) or 0


def decide(session: Session, scan_id: str, state: str) -> int:
    """Move a scan's undecided removals on to `approved` or `held`; return how many."""
    undecided = (Removal.scan_id == scan_id) & (Removal.state == "asked")
    moved = update(Removal).where(undecided).values(state=state).returning(Removal.id)
    return len(session.scalars(moved).all())


def approve(session: Session, *, scan_id: str | None, at: datetime) -> int:
    """Let held removals go ahead, all or those of one scan; return how many."""
    held = Removal.state == "held"
    if scan_id is not None:
        held &= Removal.scan_id == scan_id
    moved = update(Removal).where(held).values(state="approved", next_try_at=at)
    return len(session.scalars(moved.returning(Removal.id)).all())


def take(session: Session, *, at: datetime, limit: int) -> Sequence[Removal]:
    """Take the approved removals that are due, oldest first (see `jobs.take`)."""
    due = _due(at)
    ids = select(Removal.id).where(due).order_by(Removal.next_try_at, Removal.id).limit(limit)
    taken = (
        update(Removal)
        .where(Removal.id.in_(ids), due)
        .values(next_try_at=at + LEASE)
        .returning(Removal)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(taken).all()


def finish(session: Session, removal_id: int, state: str) -> None:
    """Close a removal as `removed` or `present`."""
    session.execute(
        update(Removal).where(Removal.id == removal_id).values(state=state, reason=None)
    )


def postpone(session: Session, removal_id: int, *, reason: str, until: datetime) -> None:
    """Give a removal back: the registry did not say."""
    session.execute(
        update(Removal)
        .where(Removal.id == removal_id)
        .values(attempts=Removal.attempts + 1, next_try_at=until, reason=reason)
    )


def held(session: Session, *, limit: int) -> Sequence[Removal]:
    """Return the removals that wait for a person."""
    listed = select(Removal).where(Removal.state == "held").order_by(Removal.id).limit(limit)
    return session.scalars(listed).all()


def held_by_scan(session: Session, scan_ids: Sequence[str]) -> Mapping[str, int]:
    """Return how many removals of these scans wait for a person; nothing for none."""
    counted = (
        select(Removal.scan_id, func.count())
        .where(Removal.scan_id.in_(scan_ids), Removal.state == "held")
        .group_by(Removal.scan_id)
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def forget_before(session: Session, moment: datetime) -> None:
    """Drop closed removals asked for before `moment`."""
    closed = Removal.state.in_(["removed", "present"]) & (Removal.asked_at < moment)
    session.execute(delete(Removal).where(closed))


def has_work(session: Session, *, at: datetime, quiet_before: datetime) -> bool:
    """Tell whether anything may be due; cheaper than taking, because it only reads."""
    undecided = (Removal.state == "asked") & (Removal.asked_at < quiet_before)
    found = select(Removal.id).where(_due(at) | undecided).limit(1)
    return session.scalars(found).first() is not None


def _due(at: datetime) -> ColumnElement[bool]:
    return (Removal.state == "approved") & (Removal.next_try_at <= at)
