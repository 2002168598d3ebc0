"""The bus inside one process: publishing delivers at once, in the publisher's thread.

Durability is the outbox's: `publish` returns only when every queue settled the messages, so a
crash in between repeats them and the inbox sorts that out. A declared queue that nobody consumes
yet holds publishing back, as nothing else would keep its messages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from portus_shared import logs
from portus_shared.bus.message import Message
from portus_shared.bus.port import BusUnavailable, ConsumerPaused, Deliver

_log = logs.logger(__name__)


class InProcessBus:
    """Deliver to consumers that live in the same process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[str, frozenset[str]] = {}
        self._consumers: dict[str, Deliver] = {}
        self._listeners: list[tuple[frozenset[str], Callable[[Message], None]]] = []

    def declare(self, queue: str, keys: Sequence[str]) -> None:
        """Make a queue known: from now on its messages wait in the outbox for a consumer."""
        with self._lock:
            self._queues[queue] = frozenset(keys)

    def publish(self, messages: Sequence[Message]) -> None:
        """Deliver to every queue and listener."""
        with self._lock:
            queues, consumers = dict(self._queues), dict(self._consumers)
            listeners = list(self._listeners)
        for queue, keys in queues.items():
            wanted = [message for message in messages if message.key in keys]
            if wanted:
                _deliver(queue, consumers.get(queue), wanted)
        for message in messages:
            for keys, on_message in listeners:
                if message.key in keys:
                    _hint(on_message, message)

    def consume(self, queue: str, deliver: Deliver, stop: threading.Event) -> None:
        """Take the queue's messages until `stop` is set."""
        with self._lock:
            self._consumers[queue] = deliver
        try:
            stop.wait()
        finally:
            with self._lock:
                del self._consumers[queue]

    def broadcast(
        self, keys: Sequence[str], on_message: Callable[[Message], None], stop: threading.Event
    ) -> None:
        """Listen until `stop` is set."""
        entry = (frozenset(keys), on_message)
        with self._lock:
            self._listeners.append(entry)
        try:
            stop.wait()
        finally:
            with self._lock:
                self._listeners.remove(entry)

    def is_up(self) -> bool:
        """Tell that the process lives."""
        return True

    def close(self) -> None:
        """Hold nothing, close nothing."""


def _deliver(queue: str, deliver: Deliver | None, messages: Sequence[Message]) -> None:
    if deliver is None:
        message = f"nothing consumes the queue {queue} yet"
        raise BusUnavailable(message)
    try:
        deliver(messages)
    except ConsumerPaused as error:
        message = f"the queue {queue} is paused: {error}"
        raise BusUnavailable(message) from error


def _hint(on_message: Callable[[Message], None], message: Message) -> None:
    try:
        on_message(message)
    except Exception:  # noqa: BLE001 (logged; see below)
        # A listener only shows hints; one that fails must not hold the outbox back.
        _log.exception("a listener failed", extra={"key": message.key, "event_id": message.id})
