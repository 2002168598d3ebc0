"""The loop that sends letters: one at a time, tried again with growing pauses for half a day.

The attempt is written down before the server is asked, and what came of it afterwards, so a
letter may be sent twice when auth is killed between, and is never forgotten.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from prometheus_client import Counter, Gauge
from sqlalchemy.orm import Session

from portus_auth.clients import smtp
from portus_auth.clients.smtp import MailSettings, NotSent
from portus_auth.domain.secrets import KeyedHash
from portus_auth.storage import letters
from portus_auth.usecases.audit import AUTH_ITSELF, audited
from portus_auth.usecases.letters import Addressed, note_failed, note_sent, take_due, text_of
from portus_shared import logs
from portus_shared.clock import now
from portus_shared.db import Database

EVERY_S: Final = 2.0

_letters = Counter("portus_auth_letters", "Letters by what came of an attempt", ["outcome"])
_waiting = Gauge("portus_auth_letters_waiting", "Letters that were neither sent nor given up")
_log = logs.logger(__name__)


class Mailer:
    """Send what is due; `hashes` gives the key that tokens are marked with."""

    def __init__(
        self,
        database: Database,
        settings: MailSettings,
        public_url: str,
        hashes: Callable[[Session], KeyedHash],
    ) -> None:
        self._database = database
        self._settings = settings
        self._public_url = public_url
        self._hashes = hashes

    def run(self, stop: threading.Event) -> None:
        """Send letters until `stop` is set."""
        while not stop.wait(EVERY_S):
            while not stop.is_set() and self.send_one():
                pass

    def send_one(self) -> bool:
        """Try one letter; tell whether there was one."""
        if not self._is_due():
            return False
        with self._database.write() as session:
            addressed = take_due(session, self._hashes(session))
        if addressed is None:
            return False
        try:
            smtp.send(self._settings, addressed.to, *text_of(addressed, self._public_url))
        except NotSent as error:
            self._failed(addressed, error)
            return True
        with self._database.write() as session, audited(session, AUTH_ITSELF):
            note_sent(session, addressed)
        _letters.labels("sent").inc()
        return True

    def _is_due(self) -> bool:
        """Look without taking a lock: usually nothing is due."""
        with self._database.read() as session:
            _waiting.set(letters.count_waiting(session))
            return letters.is_due(session, now())

    def _failed(self, addressed: Addressed, error: NotSent) -> None:
        with self._database.write() as session, audited(session, AUTH_ITSELF):
            final = note_failed(session, addressed, str(error), final=error.final)
        _letters.labels("failed" if final else "postponed").inc()
        fields = {"user": addressed.username, "reason": str(error), "final": final}
        _log.warning("a letter was not sent", extra=fields)
