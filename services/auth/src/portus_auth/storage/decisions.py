"""Queries for the log of decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, delete, func, literal, select, tuple_, update
from sqlalchemy.orm import Session

from portus_auth.domain.decisions import Outcome
from portus_auth.storage.tables import DecisionRow
from portus_shared.db import UtcDateTime, insert_ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which decisions are wanted; `user_id` None is everybody's, 0 those about nobody."""

    user_id: int | None = None
    username: str | None = None
    repository: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """Where to go on: behind the row with this moment and id; None is the beginning."""

    position: tuple[datetime, int] | None
    limit: int


def add(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add decisions, and count those that are known of the same hour.

    Rows go in by the order of their fingerprints, or two processes could wait for each other.
    """
    rows = sorted(rows, key=lambda row: str(row["fingerprint"]))
    insert_ignore(session, DecisionRow.__table__, [{**row, "count": 0} for row in rows])
    same = (DecisionRow.fingerprint == bindparam("same"), DecisionRow.hour == bindparam("within"))
    counted = update(DecisionRow).where(*same)
    counted = counted.values(count=DecisionRow.count + bindparam("more"), last_at=bindparam("at"))
    session.connection().execute(
        counted,
        [
            {
                "same": row["fingerprint"],
                "within": row["hour"],
                "more": row["count"],
                "at": row["last_at"],
            }
            for row in rows
        ],
    )


def page(session: Session, where: Filter, after: After) -> Sequence[DecisionRow]:
    """List decisions, the latest first; one more than `limit` where there are more."""
    columns = (DecisionRow.last_at, DecisionRow.id)
    wanted = select(DecisionRow).where(*_conditions(where))
    if after.position is not None:
        moment, identity = after.position
        here = tuple_(literal(moment, UtcDateTime()), literal(identity, DecisionRow.id.type))
        wanted = wanted.where(tuple_(*columns) < here)
    wanted = wanted.order_by(*(column.desc() for column in columns)).limit(after.limit + 1)
    return session.scalars(wanted).all()


def forget(session: Session, *, before: datetime, keep: int, keep_of_one: int) -> None:
    """Drop the old ones, and of the others all but the latest `keep`, `keep_of_one` of one asker.

    Nobody is one asker too, and whoever could not prove who they are is another: a stranger who
    tries names or passwords must not push out everybody else.
    """
    session.execute(delete(DecisionRow).where(DecisionRow.last_at < before))
    total = session.scalar(select(func.count()).select_from(DecisionRow)) or 0
    if total <= keep_of_one:
        return
    asker = case(
        (DecisionRow.outcome == Outcome.FAILED.value, -1),
        else_=func.coalesce(DecisionRow.user_id, 0),
    )
    # One after the other: what an asker has too much must not count for all.
    _drop_all_but(session, keep_of_one, asker)
    _drop_all_but(session, keep, None)


def _drop_all_but(session: Session, latest: int, of_each: ColumnElement[int] | None) -> None:
    """Drop all but the latest rows, of everything or of each asker."""
    order = (DecisionRow.last_at.desc(), DecisionRow.id.desc())
    place = func.row_number().over(partition_by=of_each, order_by=order).label("place")
    ranked = select(DecisionRow.id, place).subquery()
    session.execute(
        delete(DecisionRow)
        .where(DecisionRow.id.in_(select(ranked.c.id).where(ranked.c.place > latest)))
        .execution_options(synchronize_session=False)
    )


def _conditions(where: Filter) -> list[Any]:
    conditions: list[Any] = []
    if where.user_id is not None:
        mine = DecisionRow.user_id == where.user_id if where.user_id else None
        conditions.append(DecisionRow.user_id.is_(None) if mine is None else mine)
    for column, value in (
        (DecisionRow.username, where.username),
        (DecisionRow.repository, where.repository),
        (DecisionRow.outcome, where.outcome),
    ):
        if value is not None:
            conditions.append(column == value)
    return conditions
