"""The realm's only writing: docker clients that stay signed in, and that they still do.

Neither belongs to the way of an ordinary token request. A sign-in that asks to last waits for its
row; that a refresh token is in use is noted at most once an hour, by a thread of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

from portus_auth.domain.secrets import KeyedHash
from portus_auth.storage.facts import Facts, RefreshFacts, Snapshot
from portus_auth.usecases.audit import Author, audited
from portus_auth.usecases.refresh_tokens import NewLogin, begin_login, record_use
from portus_shared.db import Database

NOTED_EVERY_S: Final = 3600.0
_RETRY_AFTER_S: Final = 60.0
_MAX_NOTED: Final = 10_000
# Half of the server's threads: a database that hangs must leave some for who needs no new login.
_PLACES: Final = 8
_WAIT_FOR_PLACE_S: Final = 1.0

_log = logging.getLogger(__name__)


class Logins:
    """Begin logins and note their use; `lifetime` is how long an unused one lasts, 0 is never."""

    def __init__(
        self, database: Database, facts: Facts, hashes: KeyedHash, lifetime: timedelta
    ) -> None:
        self.lifetime = lifetime
        self._database = database
        self._facts = facts
        self._hashes = hashes
        self._places = threading.BoundedSemaphore(_PLACES)
        self._lock = threading.Lock()
        self._noted_at: dict[int, float] = {}
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="refresh-tokens")

    def begin(self, new: NewLogin, username: str) -> str | None:
        """Return a refresh token, None where there are none or the database is away.

        A client that is given none keeps the password: it can do its work, as it could before.
        Raises `Unauthenticated` when the credential has just ceased to be right.
        """
        if not self.lifetime or self._facts.is_away():
            return None
        if not self._places.acquire(timeout=_WAIT_FOR_PLACE_S):
            _log.warning("no refresh token is given", extra={"reason": "too many at once"})
            return None
        try:
            return self._begun(new, username)
        finally:
            self._places.release()

    def look_again(self) -> Snapshot:
        """Return what the database says this moment."""
        self._facts.changed()
        return self._facts.current()

    def is_in_time(self, login: RefreshFacts) -> bool:
        """Tell whether a refresh token was used recently enough to be used again."""
        return login.used_at_s + self.lifetime.total_seconds() > time.time()

    def note_use(self, login: RefreshFacts) -> None:
        """Have it written that a refresh token is in use, unless that is known to the hour."""
        moment = time.time()
        if moment - login.used_at_s < NOTED_EVERY_S:
            return
        with self._lock:
            if moment - self._noted_at.get(login.id, 0.0) < _RETRY_AFTER_S:
                return
            if len(self._noted_at) >= _MAX_NOTED:
                self._noted_at.clear()
            self._noted_at[login.id] = moment
        self._writer.submit(self._write, login.id)

    def close(self) -> None:
        """Finish what is being written."""
        self._writer.shutdown()

    def _begun(self, new: NewLogin, username: str) -> str | None:
        try:
            author = Author(name=username, address=new.address)
            with self._database.write() as session, audited(session, author):
                secret = begin_login(session, self._hashes, new, self.lifetime)
        except (DBAPIError, PoolTimeout) as error:
            _log.warning("no refresh token is given", extra={"reason": type(error).__name__})
            return None
        self._facts.changed()
        return secret

    def _write(self, login_id: int) -> None:
        try:
            with self._database.write() as session:
                record_use(session, [login_id])
        except (DBAPIError, PoolTimeout) as error:
            _log.warning("a use is not noted", extra={"reason": type(error).__name__})
        except Exception:  # noqa: BLE001 - nobody reads the results of this thread
            _log.exception("a use is not noted")
