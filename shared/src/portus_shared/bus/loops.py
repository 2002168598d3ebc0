"""The three loops by which a service takes part in the exchange of events."""

from __future__ import annotations

import threading

from portus_shared.bus.inbox import Consumer
from portus_shared.bus.port import Bus
from portus_shared.db import Database
from portus_shared.outbox import Relay
from portus_shared.worker import Loop


def messaging_loops(database: Database, bus: Bus, consumer: Consumer) -> list[Loop]:
    """Return relay, consumer and retries of one service; declares its queue at once.

    An in-process bus holds events back only for queues it knows, so every service must have been
    asked for its loops before any of them starts.
    """
    bus.declare(consumer.queue, consumer.keys)

    def consume(stop: threading.Event) -> None:
        bus.consume(consumer.queue, consumer.deliver, stop)

    name = consumer.service
    return [
        Loop(name=f"{name}-relay", run=Relay(database, bus).run),
        Loop(name=f"{name}-events", run=consume),
        Loop(name=f"{name}-retries", run=consumer.run_retries),
    ]
