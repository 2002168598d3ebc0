"""The composition root of auth's loops; one process for all services runs them too."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.config import DecisionSettings, Settings
from portus_auth.consumers import consumer
from portus_auth.domain.secrets import KeyedHash
from portus_auth.housekeeping import Housekeeping
from portus_auth.mailer import Mailer
from portus_auth.storage.sign_ins import hash_key
from portus_auth.usecases.decisions import forget_old
from portus_shared.bus.loops import messaging_loops
from portus_shared.bus.port import Bus
from portus_shared.db import Database
from portus_shared.worker import Loop

_TIDY_EVERY_S: Final = 300.0


class DecisionTidying:
    """Keep the log of decisions within its bounds."""

    def __init__(self, database: Database, settings: DecisionSettings) -> None:
        self._database = database
        self._settings = settings

    def run(self, stop: threading.Event) -> None:
        """Tidy until `stop` is set."""
        while not stop.wait(_TIDY_EVERY_S):
            self.tidy()

    def tidy(self) -> None:
        """Drop what is too old or too much."""
        with self._database.write() as session:
            forget_old(session, days=self._settings.days, rows=self._settings.rows)


def loops(settings: Settings, *, database: Database, bus: Bus) -> Sequence[Loop]:
    """Make relay, consumer and retries, and what keeps the tables small."""
    tidying = DecisionTidying(database, settings.decisions)
    refresh_token_life = timedelta(days=settings.realm.refresh_token_days)
    housekeeping = Housekeeping(database, refresh_token_life)
    return [
        *messaging_loops(database, bus, consumer(database)),
        Loop(name="auth-decisions", run=tidying.run),
        Loop(name="auth-housekeeping", run=housekeeping.run),
        *(Loop(name="auth-letters", run=mailer.run) for mailer in mailers(settings, database)),
    ]


def mailers(settings: Settings, database: Database) -> Sequence[Mailer]:
    """Make what sends letters, where there is mail; tokens are marked with the web process' key."""

    def hashes(session: Session) -> KeyedHash:
        return KeyedHash(settings.hash_key.reveal().encode() or hash_key(session))

    if settings.mail is None:
        return []
    return [Mailer(database, settings.mail, settings.service.public_url, hashes)]
