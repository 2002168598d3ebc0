"""The facts that tokens are decided from: held in memory, at most half a second behind.

Every process has its own. It asks the database for its change counter at most every 500 ms, and
at once after `changed`, and reads only rows that are newer. While the database is away it goes on
deciding from what it knows, for as long as the settings allow; after that it refuses to decide.
A database that hangs holds nobody up for longer than `PATIENCE_S`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

from portus_auth.storage.entries import Account, RefreshFacts, RegistryFacts, TokenFacts
from portus_auth.storage.snapshot import Snapshot
from portus_auth.storage.snapshot_reading import updated
from portus_shared.db import Database
from portus_shared.errors import Unavailable

__all__ = ["Account", "Facts", "RefreshFacts", "RegistryFacts", "Snapshot", "TokenFacts"]

CHECK_EVERY_S: Final = 0.5
MAX_STALENESS_S: Final = 3600
PATIENCE_S: Final = 2.0
# Somebody has to wait for a database that does not answer; not every request.
_RETRY_AFTER_S: Final = 2.0

_log = logging.getLogger(__name__)


class Facts:
    """Give the current snapshot to any thread; `clock` counts seconds and never goes back."""

    def __init__(
        self,
        database: Database,
        *,
        max_staleness_s: float = MAX_STALENESS_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._max_staleness_s = max_staleness_s
        self._clock = clock
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._is_recalled = False
        self._confirmed_at = 0.0
        self._check_at = 0.0
        self._reachable = True
        # Tokens of identity, not numbers: assigning one is atomic in every thread.
        self._change = self._change_seen = object()

    def recall(self, snapshot: Snapshot, age_s: float) -> None:
        """Begin with what an earlier process knew, until the database answers."""
        self._snapshot, self._is_recalled = snapshot, True
        self._confirmed_at = self._clock() - age_s

    def changed(self) -> None:
        """Say that this process has committed a change: the next decision rests on it."""
        self._change = object()

    def current(self) -> Snapshot:
        """Return the snapshot to decide from; raise `Unavailable` when there is none to trust.

        Usually this reads a clock and returns. When a look at the database is due one thread
        takes it while the others go on, unless this process itself has changed something.
        """
        if self._is_due():
            self._refresh(wait=self._snapshot is None or self._is_behind())
        return self._trusted()

    def age_s(self) -> float | None:
        """Return how long ago the database confirmed what is in memory; None before it ever did."""
        return None if self._snapshot is None else self._clock() - self._confirmed_at

    def missing(self) -> str | None:
        """Return why nothing can be decided now, or None: auth is ready while it can decide."""
        try:
            self.current()
        except Unavailable as error:
            return error.message
        return None

    def is_away(self) -> bool:
        """Tell whether the database did not answer when it was last asked.

        Whoever needs the database asks here first, so that nobody waits for one that is known to
        be away. Then it is asked again when it is time to.
        """
        if self._reachable:
            return False
        if self._is_due():
            self._refresh(wait=False)
        return not self._reachable

    def _refresh(self, *, wait: bool) -> None:
        if not self._lock.acquire(timeout=PATIENCE_S if wait else 0):
            return
        if not self._is_due():
            self._lock.release()
            return
        look = _Look(self._read, self._lock)
        if not look.take(PATIENCE_S):
            self._reachable = False
            _log.warning("the database hangs; deciding from memory", extra={"age_s": self.age_s()})

    def _is_due(self) -> bool:
        return self._is_behind() or self._clock() >= self._check_at

    def _is_behind(self) -> bool:
        # While the database is away a change waits its turn too: an outage holds up one thread.
        return self._reachable and self._change is not self._change_seen

    def _read(self) -> None:
        change = self._change
        known = Snapshot() if self._is_recalled else self._snapshot or Snapshot()
        try:
            with self._database.read() as session:
                self._snapshot = updated(known, session)
        except (DBAPIError, PoolTimeout) as error:
            self._reachable = False
            self._check_at = self._clock() + _RETRY_AFTER_S
            _log.warning(
                "the database does not answer; deciding from memory",
                extra={"age_s": self.age_s(), "reason": type(error).__name__},
            )
            return
        if not self._reachable or self._is_recalled:
            _log.info("the database answers", extra={"revision": self._snapshot.revision})
        self._is_recalled = False
        self._reachable = True
        self._change_seen = change
        self._confirmed_at = self._clock()
        self._check_at = self._confirmed_at + CHECK_EVERY_S

    def _trusted(self) -> Snapshot:
        snapshot, age_s = self._snapshot, self.age_s()
        if snapshot is None or age_s is None:
            message = "The database has not answered since the start"
            raise Unavailable(message, missing="database")
        if age_s > self._max_staleness_s:
            message = f"The database has not answered for {age_s:.0f} s"
            raise Unavailable(message, missing="database")
        return snapshot


class _Look:
    """One reading on a thread of its own, which gives `held` back when it is over."""

    def __init__(self, read: Callable[[], None], held: threading.Lock) -> None:
        self._read = read
        self._held = held
        self._over = threading.Event()
        self._error: Exception | None = None

    def take(self, patience_s: float) -> bool:
        """Read; tell whether it was over in time. Raises what the reading raised."""
        try:
            threading.Thread(target=self._run, name="facts", daemon=True).start()
        except RuntimeError:  # The system gives no more threads.
            self._held.release()
            raise
        is_over = self._over.wait(patience_s)
        if self._error is not None:
            raise self._error
        return is_over

    def _run(self) -> None:
        try:
            self._read()
        except Exception as error:  # noqa: BLE001 - raised where somebody waits for it
            self._error = error
        finally:
            self._held.release()
            self._over.set()
