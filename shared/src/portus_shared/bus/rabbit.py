"""The bus on RabbitMQ: topic exchange ``portus.events``, one durable quorum queue a service.

A pika connection belongs to one thread, so publishing, each consumer and each broadcast have a
connection of their own. Confirms are always on: without them a publish on a connection
that the broker dropped is silently lost. Handlers run on a thread beside the connection's, which
keeps answering heartbeats however long they take.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, TimeoutError as FutureTimeout
from contextlib import closing, suppress
from typing import Final

import pika
from pika.adapters.blocking_connection import BlockingConnection
from pika.exceptions import AMQPError

from portus_shared import logs
from portus_shared.bus import rabbit_wire as wire
from portus_shared.bus.message import Message
from portus_shared.bus.port import BusUnavailable, ConsumerPaused, Deliver
from portus_shared.bus.rabbit_publisher import Publisher
from portus_shared.bus.rabbit_wire import Batch

_PREFETCH: Final = 200
_PAUSE_S: Final = 1.0
_RECONNECT_MAX_S: Final = 10.0
# A shared connection that broke under another call shows as AssertionError in pika 1.4.
FAULTS: Final = (AMQPError, OSError, AssertionError, FutureTimeout)
_log = logs.logger(__name__)


class RabbitBus:
    """Publish and consume through one broker; connects when first used and again after faults."""

    def __init__(self, url: str) -> None:
        self._parameters = _with_defaults(pika.URLParameters(url))
        self._lock = threading.Lock()
        self._publisher: Publisher | None = None
        self._queues: dict[str, Sequence[str]] = {}

    def declare(self, queue: str, keys: Sequence[str]) -> None:
        """Remember the queue; it is made on the broker with every (re)connection."""
        self._queues[queue] = tuple(keys)

    def publish(self, messages: Sequence[Message]) -> None:
        """Publish with confirms; after a fault nothing is known to be safe."""
        with self._lock:
            try:
                self._open_publisher().publish(messages)
            except FAULTS as error:
                self._drop_publisher()
                reason = f"{type(error).__name__}: {error}"
                raise BusUnavailable(reason) from error

    def consume(self, queue: str, deliver: Deliver, stop: threading.Event) -> None:
        """Deliver the queue in batches of one transaction each, reconnecting for ever."""
        keys = self._queues[queue]

        def once(connection: BlockingConnection) -> None:
            channel = connection.channel()
            wire.declare_queue(channel, queue, keys)
            channel.basic_qos(prefetch_count=_PREFETCH)
            with ThreadPoolExecutor(1, thread_name_prefix=queue) as worker:
                batch = Batch(channel, queue)
                while not stop.is_set():
                    messages = batch.collect(connection)
                    if messages:
                        _settle(connection, worker, deliver, messages, stop)
                        batch.acknowledge()

        self._connected(once, stop)

    def broadcast(
        self, keys: Sequence[str], on_message: Callable[[Message], None], stop: threading.Event
    ) -> None:
        """Listen on an exclusive queue that dies with the connection."""

        def once(connection: BlockingConnection) -> None:
            channel = connection.channel()
            wire.declare_exchange(channel)
            queue = channel.queue_declare("", exclusive=True, auto_delete=True).method.queue
            for key in keys:
                channel.queue_bind(queue, wire.EXCHANGE, routing_key=key)
            batch = Batch(channel, queue)
            while not stop.is_set():
                for message in batch.collect(connection):
                    on_message(message)
                batch.acknowledge()

        self._connected(once, stop)

    def is_up(self) -> bool:
        """Tell whether the broker can be published to."""
        with self._lock:
            try:
                self._open_publisher()
            except FAULTS:
                self._drop_publisher()
                return False
            return True

    def close(self) -> None:
        """Close the publishing connection; consumers close theirs when stopped."""
        with self._lock:
            self._drop_publisher()

    def _open_publisher(self) -> Publisher:
        if self._publisher is not None and self._publisher.is_open:
            return self._publisher
        self._drop_publisher()
        with closing(BlockingConnection(self._parameters)) as connection:
            channel = connection.channel()
            wire.declare_exchange(channel)
            for queue, keys in self._queues.items():
                wire.declare_queue(channel, queue, keys)
        self._publisher = publisher = Publisher(self._parameters)
        publisher.wait_until_open()
        return publisher

    def _drop_publisher(self) -> None:
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            publisher.close()

    def _connected(self, once: Callable[[BlockingConnection], None], stop: threading.Event) -> None:
        pause_s = 0.5
        while not stop.is_set():
            try:
                connection = BlockingConnection(self._parameters)
                pause_s = 0.5
                try:
                    once(connection)
                finally:
                    with suppress(*FAULTS):
                        connection.close()
            except FAULTS as error:
                _log.warning("the broker is away", extra={"reason": repr(error)})
                stop.wait(pause_s)
                pause_s = min(pause_s * 2, _RECONNECT_MAX_S)


def _with_defaults(parameters: pika.URLParameters) -> pika.URLParameters:
    """Bound every wait for the broker; what the URL's query says is left as it is."""
    if parameters.heartbeat is None:
        parameters.heartbeat = 30
    if parameters.blocked_connection_timeout is None:
        parameters.blocked_connection_timeout = 20
    parameters.socket_timeout = min(parameters.socket_timeout or 5, 5)
    return parameters


def _settle(
    connection: BlockingConnection,
    worker: ThreadPoolExecutor,
    deliver: Deliver,
    messages: Sequence[Message],
    stop: threading.Event,
) -> None:
    """Run the handlers beside the connection's thread until they settle the batch."""
    while True:
        future = worker.submit(deliver, messages)
        future.add_done_callback(lambda _: wire.wake(connection))
        while not future.done():
            connection.process_data_events(time_limit=1)
        try:
            future.result()
        except ConsumerPaused as error:
            if stop.is_set():
                raise BrokenPipeError(str(error)) from error
            _log.warning("consuming is paused", extra={"reason": str(error)})
            connection.sleep(_PAUSE_S)
        else:
            return
