"""What a transaction changes: every row that is written through its session, before and after.

Statements that update many rows without loading them are not seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from portus_auth.storage.base import Base

Kind = Literal["create", "change", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row and the former values of its columns, which are empty for a new row."""

    row: Base
    kind: Kind
    before: Mapping[str, Any]


@dataclass(slots=True)
class _Written:
    row: Base
    new: bool
    before: dict[str, Any] = field(default_factory=dict)


class Changes:
    """Watch a session from now on; rows that are flushed several times count once."""

    def __init__(self, session: Session) -> None:
        self._written: dict[int, _Written] = {}
        event.listen(session, "after_flush", self._note)

    def made(self) -> Iterator[Change]:
        """Yield what has been flushed so far, in the order of the first writing."""
        for each in list(self._written.values()):
            if each.new or each.before:
                yield Change(row=each.row, kind=_kind(each), before=each.before)

    def _note(self, session: Session, _: object) -> None:
        # The session still shows what was new and dirty, and each attribute its former value.
        for row in session.new:
            self._written[id(row)] = _Written(row, new=True)
        for row in session.dirty:
            written = self._written.setdefault(id(row), _Written(row, new=False))
            if not written.new:
                written.before = {**_former(row), **written.before}


def _former(row: Base) -> dict[str, Any]:
    state = inspect(row)
    histories = {each.key: state.attrs[each.key].history for each in state.mapper.column_attrs}
    return {name: history.deleted[0] for name, history in histories.items() if history.deleted}


def _kind(written: _Written) -> Kind:
    """Tell what a writing means: rows are deleted, and sometimes come back, by a date."""
    deleted = getattr(written.row, "deleted_at", None) is not None
    if written.new or (not deleted and written.before.get("deleted_at") is not None):
        return "create"
    return "delete" if deleted else "change"
