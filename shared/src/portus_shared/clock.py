"""Time, and the two kinds of hybrid stamps that order facts.

A stamp is a whole number of microseconds since the epoch that never goes back: the wall clock
where it moves on, the last stamp plus one where it does not. It fits 63 bits until the year
294,000.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, Integer, Table, case, select, update
from sqlalchemy.orm import Session

from portus_shared.tables import shared_metadata

hybrid_clock = Table(
    "hybrid_clock",
    shared_metadata,
    Column("id", Integer, primary_key=True),
    Column("stamp", BigInteger, nullable=False),
)
"""One row, id 1, made by the migration."""


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def now_us() -> int:
    """Return microseconds since the epoch by the wall clock."""
    return time.time_ns() // 1000


class Stamps:
    """Give stamps that strictly increase within this process, from any thread."""

    def __init__(self, after: int = 0) -> None:
        self._last = after
        self._lock = threading.Lock()

    def next(self) -> int:
        """Return the next stamp."""
        with self._lock:
            self._last = max(now_us(), self._last + 1)
            return self._last


def next_revision(session: Session) -> int:
    """Take the next revision of this service's database.

    Holds the clock row until the transaction ends, so the order of revisions is the order of
    commits: a reader that saw revision r misses nothing below it.
    """
    wall = now_us()
    moved = (
        update(hybrid_clock)
        .where(hybrid_clock.c.id == 1)
        .values(stamp=case((hybrid_clock.c.stamp >= wall, hybrid_clock.c.stamp + 1), else_=wall))
        .returning(hybrid_clock.c.stamp)
    )
    return int(session.execute(moved).scalar_one())


def current_revision(session: Session) -> int:
    """Return the newest revision given out and committed, 0 for none."""
    return int(session.execute(select(hybrid_clock.c.stamp)).scalar_one())
