"""The composition root of auth's loops; one process for all services runs them too."""

from __future__ import annotations

from collections.abc import Sequence

from portus_auth.config import Settings
from portus_auth.consumers import consumer
from portus_shared.bus.loops import messaging_loops
from portus_shared.bus.port import Bus
from portus_shared.db import Database
from portus_shared.worker import Loop


def loops(settings: Settings, *, database: Database, bus: Bus) -> Sequence[Loop]:
    """Make relay, consumer and retries; auth has no other work in the background."""
    del settings
    return messaging_loops(database, bus, consumer(database))
