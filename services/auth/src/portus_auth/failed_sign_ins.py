"""Failed sign-ins on their way to the audit trail: in transactions and on a thread of their own.

Who guesses passwords must not be able to fill the trail, nor to make others wait for it: a few
wait to be written, and what goes beyond that in a minute is only counted in the log.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

from portus_auth.usecases.audit import record_failure
from portus_shared.db import Database

PER_MINUTE: Final = 100
_MINUTE_S: Final = 60.0

_log = logging.getLogger(__name__)


class FailedSignIns:
    """Write failures down; `clock` counts seconds and never goes back."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._recent: deque[float] = deque(maxlen=PER_MINUTE)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="failed-sign-ins")

    def record(self, account: str, address: str) -> None:
        """Have one failure written, unless there were too many within the last minute."""
        moment = self._clock()
        with self._lock:
            full = len(self._recent) == PER_MINUTE and moment - self._recent[0] < _MINUTE_S
            if not full:
                self._recent.append(moment)
        if full:
            _log.warning("a failed sign-in is not recorded", extra={"reason": "too many"})
        else:
            self._writer.submit(self._write, account, address)

    def close(self) -> None:
        """Finish what is being written."""
        self._writer.shutdown()

    def _write(self, account: str, address: str) -> None:
        try:
            with self._database.write() as session:
                record_failure(session, account, address)
        except (DBAPIError, PoolTimeout) as error:
            reason = type(error).__name__
            _log.warning("a failed sign-in is not recorded", extra={"reason": reason})
        except Exception:  # noqa: BLE001 - nobody reads this thread's results
            _log.exception("a failed sign-in is not recorded")
