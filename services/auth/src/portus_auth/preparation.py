"""What a start does in the database: the key of the hashes, registry, switches, set-up code.

It is tried once before the first request is answered. While the database is away it goes on in
the background, so that auth serves from what it knows meanwhile and needs no restart afterwards.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

from portus_auth import setup_code
from portus_auth.config import Settings
from portus_auth.domain.secrets import KeyedHash
from portus_auth.storage.sign_ins import hash_key
from portus_auth.usecases.audit import AUTH_ITSELF, audited
from portus_auth.usecases.installation import ensure_registry
from portus_auth.usecases.rules import ensure_rules
from portus_shared import logs, migrations
from portus_shared.db import Database

MIGRATIONS: Final = "portus_auth.migrations"
_FIRST_PAUSE_S: Final = 1.0
_LAST_PAUSE_S: Final = 5.0
_log = logs.logger(__name__)


class Preparation:
    """See to the first start; `done` is called once, when it is over."""

    def __init__(
        self, settings: Settings, database: Database, hashes: KeyedHash, done: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._database = database
        self._hashes = hashes
        self._done = done
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Do it now, or in the background as soon as the database answers."""
        if self._succeeds():
            return
        self._thread = threading.Thread(target=self._run, name="preparation", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Give up."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)

    def _succeeds(self) -> bool:
        try:
            self._prepare()
        except (DBAPIError, PoolTimeout) as error:
            reason = str(getattr(error, "orig", None) or error).strip()
            _log.warning("the start waits for the database", extra={"reason": reason})
            return False
        return True

    def _prepare(self) -> None:
        if not self._settings.hash_key:
            with self._database.write() as session:
                self._hashes.learn(hash_key(session))
        with self._database.write() as session, audited(session, AUTH_ITSELF):
            ensure_registry(session, self._settings.registry)
            ensure_rules(session, self._settings.rules)
        setup_code.announce(self._database, self._hashes, self._settings)
        self._done()

    def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stop.wait(pause_s * random.uniform(0.5, 1.0)):  # noqa: S311 - no secret
            pause_s = min(pause_s * 2, _LAST_PAUSE_S)
            try:
                if self._database.is_up() and self._is_migrated() and self._succeeds():
                    _log.info("the start is complete")
                    return
            except Exception:  # noqa: BLE001 - a thread that ended would never try again
                _log.exception("the start waits for the database")

    def _is_migrated(self) -> bool:
        """Bring the schema up to date: `migrate` may have let us start while it could not."""
        if not migrations.is_current(self._database, MIGRATIONS):
            migrations.migrate(self._database, MIGRATIONS)
        return True
