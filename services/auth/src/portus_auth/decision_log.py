"""Decisions on their way to the log: in memory, and four times a second in one transaction.

The token realm never waits for it. A loop that is denied over and over is one entry with a count;
what is too much at once is counted and left out.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from prometheus_client import Counter as Metric
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

from portus_auth.domain.decisions import Decision, Outcome
from portus_auth.usecases.decisions import Times, record
from portus_shared.clock import now
from portus_shared.db import Database

MAX_WAITING: Final = 1000
MAX_WAITING_OF_ONE: Final = 100
MAX_WAITING_FAILED: Final = 25
"""Of failed proofs, whoever's account it is: who guesses must not take the room of the others."""

EVERY_S: Final = 0.25
_FAILED: Final = (None, "failed")

_dropped = Metric("portus_decisions_dropped", "Decisions that are missing in the log", ["reason"])
_log = logging.getLogger(__name__)


class DecisionLog:
    """Take decisions from any thread; `granted_every` 100 takes one granted of a hundred, 0 none.

    What still waits when the process ends is written then.
    """

    def __init__(self, database: Database, *, granted_every: int, every_s: float = EVERY_S) -> None:
        self._database = database
        self._granted_every = granted_every
        self._every_s = every_s
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._waiting: dict[Decision, Times] = {}
        self._of_one: Counter[tuple[int | None, str]] = Counter()
        self._left_out = 0
        self._is_scheduled = False
        self._closing = threading.Event()
        # The interpreter waits for this thread before it ends, and so for the last batch.
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="decisions")

    def wants_granted(self) -> bool:
        """Tell whether this granted request is the one of many that is logged."""
        return self._granted_every > 0 and next(self._numbers) % self._granted_every == 0

    def note(self, decision: Decision) -> None:
        """Have a decision written; returns at once."""
        moment = now()
        with self._lock:
            times = self._waiting.get(decision)
            if times is not None:
                times.count += 1
                times.last_at = moment
            elif self._has_room(decision):
                self._waiting[decision] = Times(first_at=moment, last_at=moment)
            else:
                self._left_out += 1
            self._schedule()

    def close(self) -> None:
        """Write what waits."""
        self._closing.set()
        self._writer.shutdown()

    def _has_room(self, decision: Decision) -> bool:
        asker, failed = decision.asker, decision.outcome is Outcome.FAILED
        one = (asker.user_id, "" if asker.user_id else asker.address)
        one, most = (_FAILED, MAX_WAITING_FAILED) if failed else (one, MAX_WAITING_OF_ONE)
        if len(self._waiting) >= MAX_WAITING or self._of_one[one] >= most:
            return False
        self._of_one[one] += 1
        return True

    def _schedule(self) -> None:
        if self._is_scheduled or self._closing.is_set():
            return
        try:
            self._writer.submit(self._write_soon)
            self._is_scheduled = True
        except RuntimeError:  # The process is ending, and takes no more work.
            self._closing.set()
            _dropped.labels("ending").inc()

    def _write_soon(self) -> None:
        self._closing.wait(self._every_s)
        with self._lock:
            made, left_out = self._waiting, self._left_out
            self._waiting, self._left_out = {}, 0
            self._of_one.clear()
            self._is_scheduled = False
        if left_out:
            _drop(left_out, "too many")
        try:
            with self._database.write() as session:
                record(session, made)
        except (DBAPIError, PoolTimeout) as error:
            _drop(len(made), type(error).__name__)
        except Exception:  # noqa: BLE001 - nobody reads this thread's results
            _log.exception("decisions are not recorded")
            _dropped.labels("failure").inc(len(made))


def _drop(count: int, reason: str) -> None:
    _dropped.labels(reason).inc(count)
    _log.warning("decisions are not recorded", extra={"count": count, "reason": reason})
