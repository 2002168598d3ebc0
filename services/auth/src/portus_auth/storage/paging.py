"""One slice of a list with the total, in two statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portus_auth.domain.listing import Slice

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """Some items of a list and how many there are altogether."""

    items: Sequence[T]
    total: int


def sliced(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    wanted: Slice,
    columns: Mapping[str, InstrumentedAttribute[Any]],
) -> Listing[Row[*tuple[Any, ...]]]:
    """Run the part of `statement` that is wanted; `columns` are what it can be sorted by."""
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
    column = columns[wanted.sort]
    order = column.desc() if wanted.descending else column.asc()
    part = statement.order_by(order, columns["id"]).offset(wanted.offset).limit(wanted.limit)
    return Listing(items=session.execute(part).all(), total=total or 0)
