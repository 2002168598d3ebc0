"""What a bus does, whichever it is: RabbitMQ between processes, or this process alone.

A *queue* is durable and belongs to one consuming service; a *broadcast* reaches whoever listens
at the moment and is for hints only. The contract tests run against both buses.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from portus_shared.bus.message import Message

Deliver = Callable[[Sequence[Message]], None]
"""Settle every message, or raise `ConsumerPaused` when none can be settled now."""


class BusUnavailable(Exception):
    """Say that the bus did not take the messages; publish them again later."""


class ConsumerPaused(Exception):
    """Say that the consumer's own database is away; deliver the same messages again later."""


class Bus(Protocol):
    """Carry messages from outboxes to queues and broadcasts."""

    def declare(self, queue: str, keys: Sequence[str]) -> None:
        """Make a durable queue and bind it, before anything is published to it."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Hand over messages; return once all are safe, else raise `BusUnavailable`."""

    def consume(self, queue: str, deliver: Deliver, stop: threading.Event) -> None:
        """Deliver a queue's messages in small batches until `stop` is set."""

    def broadcast(
        self, keys: Sequence[str], on_message: Callable[[Message], None], stop: threading.Event
    ) -> None:
        """Call `on_message` for each message with these keys until `stop` is set."""

    def is_up(self) -> bool:
        """Tell whether messages can be published now."""

    def close(self) -> None:
        """Give up connections."""
