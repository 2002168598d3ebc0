"""What goes over the wire to RabbitMQ: declarations, properties, batches."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError

from portus_shared.bus.message import Message

EXCHANGE: Final = "portus.events"
_BATCH: Final = 100
_IDLE_S: Final = 1.0
# Counts prefetched messages that come back too, so a low limit would bury healthy ones.
_DELIVERY_LIMIT: Final = 100


def declare_exchange(channel: BlockingChannel) -> None:
    """Make the topic exchange."""
    channel.exchange_declare(EXCHANGE, "topic", durable=True)


def declare_queue(channel: BlockingChannel, queue: str, keys: Sequence[str]) -> None:
    """Make a quorum queue, its last resort ``<queue>.dead``, and the bindings.

    The delivery limit needs a dead-letter target: without one the broker drops the message.
    """
    declare_exchange(channel)
    dead = f"{queue}.dead"
    channel.queue_declare(dead, durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_declare(
        queue,
        durable=True,
        arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": _DELIVERY_LIMIT,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": dead,
        },
    )
    for key in keys:
        channel.queue_bind(queue, EXCHANGE, routing_key=key)


def properties(message: Message) -> pika.BasicProperties:
    """Return a message's CloudEvents attributes as AMQP properties."""
    return pika.BasicProperties(
        message_id=message.id,
        type=message.key,
        app_id=message.source,
        timestamp=int(message.timestamp.timestamp()),
        correlation_id=message.correlation_id,
        content_type="application/json",
        delivery_mode=2,
    )


def wake(connection: BlockingConnection) -> None:
    """Make `process_data_events` of that connection return, from another thread."""
    # A closed connection has nobody waiting in it.
    with suppress(AMQPError, AssertionError):
        connection.add_callback_threadsafe(lambda: None)


class Batch:
    """Gather up to 100 messages that are there already, to settle and acknowledge at once."""

    def __init__(self, channel: BlockingChannel, queue: str) -> None:
        self._channel = channel
        self._arrived: list[tuple[int, Message]] = []
        self._taken: list[tuple[int, Message]] = []
        channel.basic_consume(queue, self._on_message)

    def collect(self, connection: BlockingConnection) -> list[Message]:
        """Wait up to a second for a first message, then take what has arrived with it."""
        if not self._arrived:
            connection.process_data_events(time_limit=_IDLE_S)
        if self._arrived and len(self._arrived) < _BATCH:
            connection.process_data_events(time_limit=0)
        self._taken, self._arrived = self._arrived[:_BATCH], self._arrived[_BATCH:]
        return [message for _, message in self._taken]

    def acknowledge(self) -> None:
        """Tell the broker that everything collected is settled."""
        if self._taken:
            self._channel.basic_ack(self._taken[-1][0], multiple=True)
            self._taken = []

    def _on_message(self, channel: object, method: Any, properties: Any, body: bytes) -> None:
        del channel
        self._arrived.append((method.delivery_tag, _received(method, properties, body)))


def _received(method: Any, properties: Any, body: bytes) -> Message:
    return Message(
        id=properties.message_id or f"unidentified-{method.delivery_tag}",
        key=method.routing_key,
        body=body,
        source=properties.app_id or "unknown",
        timestamp=datetime.fromtimestamp(properties.timestamp or 0, UTC),
        correlation_id=properties.correlation_id,
    )
