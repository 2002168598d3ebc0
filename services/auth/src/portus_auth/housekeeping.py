"""Drop what is over, in short transactions, so that tables stay as small as what they are for."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Final

from prometheus_client import Counter, Gauge

from portus_auth.storage import leftovers
from portus_shared import logs
from portus_shared.clock import now
from portus_shared.db import Database

EVERY_S: Final = 600.0
BATCH: Final = 500
# Facts in memory and on disk learn of a deletion from its row, and may be a day behind.
_NOTICED: Final = timedelta(days=7)

_dropped = Counter("portus_auth_rows_dropped", "Rows dropped because they were over", ["table"])
_last = Gauge("portus_auth_housekeeping_seconds", "When housekeeping last ended, Unix time")
_log = logs.logger(__name__)


class Housekeeping:
    """Keep house; refresh tokens last `refresh_token_life` unused."""

    def __init__(
        self, database: Database, refresh_token_life: timedelta, batch: int = BATCH
    ) -> None:
        self._database = database
        self._refresh_token_life = refresh_token_life
        self._batch = batch

    def run(self, stop: threading.Event) -> None:
        """Keep house at once and every ten minutes until `stop` is set."""
        while not stop.is_set():
            self.tidy(stop)
            _last.set_to_current_time()
            stop.wait(EVERY_S)

    def tidy(self, stop: threading.Event | None = None) -> int:
        """Drop all that is over, one batch in a transaction; return how many rows went."""
        moment = now()
        removed = moment - _NOTICED
        over = leftovers.kinds(
            over=moment, unused=removed - self._refresh_token_life, removed=removed
        )
        total = 0
        for table, which in over.items():
            gone = self._batch
            while gone == self._batch and not (stop and stop.is_set()):
                with self._database.write() as session:
                    gone = leftovers.drop(session, table, which, self._batch)
                _dropped.labels(table.__tablename__).inc(gone)
                total += gone
        if total:
            _log.info("dropped what was over", extra={"rows": total})
        return total
