"""Pages of rows: by number, or from a position on (keyset), always in a total order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Select, String, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from portus_shared.db import UtcDateTime
from portus_shared.errors import Malformed

T = TypeVar("T")

_ID_MAX: Final = 2**63 - 1
_FOREIGN: Final = "after is not a cursor of this list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Sort by a column that is never null, then by id, both ascending or both descending."""

    column: InstrumentedAttribute[Any]
    id: InstrumentedAttribute[int]
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Rows by position: `offset` counts from the start, None takes all."""

    offset: int = 0
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """Rows after a position: the sort value and id of the last row seen, None for the start."""

    position: tuple[Any, ...] | None
    limit: int


def sliced(session: Session, wanted: Select[T], order: Order, part: Slice) -> list[T]:
    """Return one page by number."""
    ordered = _ordered(wanted, order).offset(part.offset)
    return list(session.scalars(ordered if part.limit is None else ordered.limit(part.limit)))


def following(
    session: Session, wanted: Select[T], order: Order, after: After
) -> tuple[list[T], tuple[Any, ...] | None]:
    """Return the rows after a position, and the position to go on from if there are more."""
    if after.position is not None:
        wanted = wanted.where(_beyond(order, after.position))
    rows = list(session.scalars(_ordered(wanted, order).limit(after.limit + 1)))
    if len(rows) <= after.limit:
        return rows, None
    rows = rows[: after.limit]
    return rows, _position(rows[-1], order)


def _ordered(wanted: Select[T], order: Order) -> Select[T]:
    columns = (order.column, order.id)
    return wanted.order_by(*(column.desc() if order.descending else column for column in columns))


def _beyond(order: Order, position: Sequence[Any]) -> Any:
    value, identity = position
    if not isinstance(identity, int) or abs(identity) > _ID_MAX:
        raise Malformed(_FOREIGN, field="after")
    last = tuple_(
        literal(_loaded(value, order.column), order.column.type), literal(identity, order.id.type)
    )
    here = tuple_(order.column, order.id)
    return here < last if order.descending else here > last


def _position(row: Any, order: Order) -> tuple[Any, ...]:
    value = getattr(row, order.column.key)
    told = value.isoformat() if isinstance(value, datetime) else value
    return told, getattr(row, order.id.key)


def _loaded(value: Any, column: InstrumentedAttribute[Any]) -> Any:
    """Bring a cursor's value back to what the column holds; raises `Malformed`."""
    if isinstance(column.type, UtcDateTime):
        return _moment(value)
    if not isinstance(value, str if isinstance(column.type, String) else int):
        raise Malformed(_FOREIGN, field="after")
    return value


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Malformed(_FOREIGN, field="after") from error
    if moment.tzinfo is None:
        raise Malformed(_FOREIGN, field="after")
    return moment
