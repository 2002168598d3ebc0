"""The composition root of the catalogue's loops; one process for all services runs them too."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import Final

from portus_catalog.config import Settings
from portus_catalog.consumers import consumer
from portus_catalog.storage import wipes
from portus_catalog.usecases import empty
from portus_catalog.usecases.replicate import ask_if_empty
from portus_shared import logs
from portus_shared.bus.loops import messaging_loops
from portus_shared.bus.port import Bus
from portus_shared.clock import now
from portus_shared.db import Database
from portus_shared.worker import Loop

_FIRST_PAUSE_S: Final = 2.0
_LAST_PAUSE_S: Final = 60.0
_FILLED_PAUSE_S: Final = 300.0
_EMPTYING_PAUSE_S: Final = 0.5
_log = logs.logger(__name__)


def fill_replica(database: Database, stop: threading.Event) -> None:
    """Ask for all state, less and less often, until a republication has filled the replica.

    Goes on looking: a database that was emptied by hand is a new replica.
    """
    pause_s = _FIRST_PAUSE_S
    while not stop.is_set():
        with database.write() as session:
            asked = ask_if_empty(session)
        if not asked:
            pause_s = _FIRST_PAUSE_S
            stop.wait(_FILLED_PAUSE_S)
            continue
        _log.info("asked auth and sync for everything", extra={"next_in_s": pause_s})
        stop.wait(pause_s)
        pause_s = min(pause_s * 2, _LAST_PAUSE_S)


def empty_namespaces(database: Database, stop: threading.Event) -> None:
    """Have the images of deleted namespaces deleted, some at a time."""
    while not stop.is_set():
        with database.read() as session:
            due = wipes.is_due(session, at=now())
        if due:
            with database.write() as session:
                empty.go_on(session, at=now())
        else:
            stop.wait(_EMPTYING_PAUSE_S)


def loops(settings: Settings, *, database: Database, bus: Bus) -> Sequence[Loop]:
    """Make all loops: events out, events in, asking for state, and emptying namespaces."""
    del settings
    filling = Loop(name="catalog-fill", run=partial(fill_replica, database))
    emptying = Loop(name="catalog-empty", run=partial(empty_namespaces, database))
    return [*messaging_loops(database, bus, consumer(database)), filling, emptying]
