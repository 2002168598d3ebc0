"""Publishing to RabbitMQ: a whole batch goes out before the first confirm is waited for.

pika's blocking channel waits for the confirm of each message, some 1,300 a second; its
`SelectConnection` has no such rule, so the publisher runs one on a thread of its own. That thread
also answers heartbeats while nobody publishes.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final

import pika
from pika.channel import Channel
from pika.exceptions import AMQPError

from portus_shared import logs
from portus_shared.bus import rabbit_wire as wire
from portus_shared.bus.message import Message

CONFIRM_TIMEOUT_S: Final = 20
_log = logs.logger(__name__)


class PublisherClosed(AMQPError):
    """Say that the connection ended; what was not confirmed may or may not have arrived."""


class Publisher:
    """One connection that publishes; it is not reopened: make another after a fault."""

    def __init__(self, parameters: pika.URLParameters) -> None:
        self._ready: Future[None] = Future()
        self._batch: _Batch | None = None
        self._channel: Channel | None = None
        self._sent = 0
        self._connection = pika.SelectConnection(
            parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_closed,
            on_close_callback=self._on_closed,
        )
        self._thread = threading.Thread(target=self._run, name="rabbitmq-publisher", daemon=True)
        self._thread.start()

    def wait_until_open(self, timeout_s: float = 10) -> None:
        """Return when messages can be published; raises what went wrong."""
        self._ready.result(timeout_s)

    @property
    def is_open(self) -> bool:
        """Tell whether the connection lives and the broker takes messages."""
        usable = self._ready.done() and self._ready.exception() is None
        return usable and self._connection.is_open

    def publish(self, messages: Sequence[Message]) -> None:
        """Send all messages and return once the broker confirmed each of them.

        Only one thread at a time may call this. Raises `PublisherClosed` or `TimeoutError`.
        """
        batch = _Batch(len(messages))
        self._connection.ioloop.add_callback_threadsafe(lambda: self._send(batch, messages))
        batch.settled.result(CONFIRM_TIMEOUT_S)

    def close(self) -> None:
        """Close the connection and end the thread."""
        # The thread may end by itself at this very moment; then there is nothing left to close.
        with suppress(AMQPError, OSError):
            if self._thread.is_alive():
                self._connection.ioloop.add_callback_threadsafe(self._close)
        self._thread.join(5)

    def _run(self) -> None:
        try:
            self._connection.ioloop.start()
        finally:
            self._connection.ioloop.close()

    def _close(self) -> None:
        if self._connection.is_open:
            self._connection.close()
        else:
            self._connection.ioloop.stop()

    def _on_open(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_channel_closed)
        channel.confirm_delivery(self._on_confirm, callback=self._on_confirming)

    def _on_confirming(self, _frame: object) -> None:
        self._ready.set_result(None)

    def _on_channel_closed(self, _channel: Channel, reason: Exception) -> None:
        # Never recovered in place: a fresh connection knows no half-confirmed batch.
        if self._connection.is_open:
            self._connection.close(reply_text=str(reason)[:200])

    def _on_closed(self, _connection: object, reason: Any) -> None:
        error = PublisherClosed(str(reason))
        if not self._ready.done():
            self._ready.set_exception(error)
        if self._batch is not None:
            self._batch.fail(error)
        self._connection.ioloop.stop()

    def _send(self, batch: _Batch, messages: Sequence[Message]) -> None:
        channel = self._channel
        if channel is None or not channel.is_open:
            batch.fail(PublisherClosed("the channel is closed"))
            return
        batch.begin(self._sent)
        self._batch = batch
        for message in messages:
            properties = wire.properties(message)
            channel.basic_publish(wire.EXCHANGE, message.key, message.body, properties)
        self._sent += len(messages)

    def _on_confirm(self, frame: Any) -> None:
        if self._batch is None:
            return
        if isinstance(frame.method, pika.spec.Basic.Nack):
            self._batch.fail(PublisherClosed("the broker refused a message"))
        else:
            self._batch.confirm(frame.method.delivery_tag, multiple=frame.method.multiple)


class _Batch:
    """Wait for the confirms of some messages; the broker numbers them from 1 on a channel."""

    def __init__(self, size: int) -> None:
        self.settled: Future[None] = Future()
        self._size = size
        self._waiting: set[int] = set()

    def begin(self, already_sent: int) -> None:
        """Note which numbers the messages will have."""
        self._waiting = set(range(already_sent + 1, already_sent + 1 + self._size))

    def confirm(self, number: int, *, multiple: bool) -> None:
        """Note a confirm, of one message or of all up to it."""
        if multiple:
            self._waiting = {waiting for waiting in self._waiting if waiting > number}
        else:
            self._waiting.discard(number)
        if not self._waiting and not self.settled.done():
            self.settled.set_result(None)

    def fail(self, error: Exception) -> None:
        """Give up: nothing is known of what was not confirmed."""
        if not self.settled.done():
            self.settled.set_exception(error)
