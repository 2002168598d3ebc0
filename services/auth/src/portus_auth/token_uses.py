"""The last uses of application tokens, on their way to the database beside the requests.

A use costs a look into a dictionary. What is new is written within seconds, all of it in one
transaction on a thread of its own, and the same token from the same address once in ten minutes.
What has not been written yet at the end is written then; what the database did not take is tried
again with the next.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

from portus_auth.usecases.tokens import Use, record_uses
from portus_shared.clock import now
from portus_shared.db import Database

WRITTEN_WITHIN_S: Final = 5.0
NOTED_EVERY_S: Final = 600.0
_MAX_KNOWN: Final = 10_000

_log = logging.getLogger(__name__)


class TokenUses:
    """Note uses; `clock` counts seconds and never goes back."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._noted: dict[int, tuple[float, str]] = {}
        self._waiting: dict[int, Use] = {}
        self._scheduled = False
        self._closing = threading.Event()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="token-uses")

    def note(self, token_id: int, address: str) -> None:
        """Have it written that a token is in use, unless that was done a moment ago.

        "" is for who comes through another service, from nobody knows where.
        """
        moment = self._clock()
        with self._lock:
            at, known = self._noted.get(token_id, (-NOTED_EVERY_S, ""))
            if address in {known, ""} and moment - at < NOTED_EVERY_S:
                return
            if len(self._noted) >= _MAX_KNOWN:
                self._noted.clear()
            self._noted[token_id] = (moment, address)
            self._waiting[token_id] = Use(token_id=token_id, at=now(), address=address)
            due = not self._scheduled and not self._closing.is_set()
            self._scheduled = self._scheduled or due
        if due:
            self._writer.submit(self._write_later)

    def close(self) -> None:
        """Write what is waiting, and be done."""
        self._closing.set()
        self._writer.shutdown()
        self._write()

    def _write_later(self) -> None:
        self._closing.wait(WRITTEN_WITHIN_S)
        with self._lock:
            self._scheduled = False
        self._write()

    def _write(self) -> None:
        with self._lock:
            uses, self._waiting = self._waiting, {}
        if not uses:
            return
        try:
            with self._database.write() as session:
                record_uses(session, uses.values())
        except (DBAPIError, PoolTimeout) as error:
            with self._lock:
                self._waiting = uses | self._waiting
            _log.warning("uses of tokens wait", extra={"reason": type(error).__name__})
        except Exception:  # noqa: BLE001 - nobody reads this thread's results
            _log.exception("uses of tokens are not noted")
