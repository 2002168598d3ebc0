"""Which part of a list is wanted, and in which order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Rows `offset` up to `offset + limit`; no limit means all of them."""

    offset: int = 0
    limit: int | None = None
    sort: str = "id"
    descending: bool = False
