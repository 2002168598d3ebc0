"""What RabbitMQ and pika do when things go wrong, and that nothing is lost by it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest

from portus_shared.bus import BusUnavailable, ConsumerPaused, Message, RabbitBus, message_of
from portus_shared.contracts.catalog import RepositoryChanged
from portus_shared.testing.rabbitmq import RabbitMQ
from portus_shared.testing.waiting import wait_until
from portus_shared.worker import Supervisor

Run = Callable[..., Supervisor]
QUEUE = "catalog.events"


def changed(repository: str = "team/app") -> Message:
    event = RepositoryChanged(
        registry="default", repository=repository, namespace="team", change="pushed"
    )
    return message_of(event, source="catalog")


def open_bus(url: str) -> RabbitBus:
    bus = RabbitBus(url)
    bus.declare(QUEUE, [RepositoryChanged.key])
    return bus


@pytest.fixture
def bus(rabbitmq_url: str) -> Iterator[RabbitBus]:
    opened = open_bus(rabbitmq_url)
    yield opened
    opened.close()


def publish(bus: RabbitBus, message: Message, timeout_s: float = 60) -> None:
    """Publish as the relay does: again until the bus takes it."""

    def taken() -> bool:
        try:
            bus.publish([message])
        except BusUnavailable:
            return False
        return True

    wait_until(taken, timeout_s)


def connections(node: RabbitMQ) -> list[str]:
    return [connection["name"] for connection in node.api("GET", "connections")]


def test_publishing_on_a_connection_the_broker_closed_is_not_lost(
    bus: RabbitBus, rabbitmq_node: RabbitMQ, run: Run
) -> None:
    seen: list[str] = []
    publish(bus, changed())
    for name in wait_until(lambda: connections(rabbitmq_node), 30):
        rabbitmq_node.api("DELETE", f"connections/{name}")
    sent = changed()
    publish(bus, sent)
    run(consumer=partial(bus.consume, QUEUE, lambda got: seen.extend(m.id for m in got)))
    wait_until(lambda: sent.id in seen)


def test_a_handler_that_outlasts_the_heartbeat_keeps_its_connection(
    rabbitmq_url: str, run: Run
) -> None:
    bus = open_bus(f"{rabbitmq_url}?heartbeat=1")
    calls: list[str] = []
    patience = threading.Event()

    def slowly(messages: Sequence[Message]) -> None:
        calls.extend(message.id for message in messages)
        patience.wait(4)

    run(consumer=partial(bus.consume, QUEUE, slowly))
    first, second = changed(), changed()
    publish(bus, first)
    wait_until(lambda: first.id in calls, 20)
    publish(bus, second)
    wait_until(lambda: second.id in calls, 20)
    assert calls == [first.id, second.id]
    bus.close()


def test_a_long_pause_of_the_consumer_loses_and_repeats_nothing(
    rabbitmq_url: str, run: Run
) -> None:
    bus = open_bus(f"{rabbitmq_url}?heartbeat=1")
    until = time.monotonic() + 4
    done: list[str] = []

    def deliver(messages: Sequence[Message]) -> None:
        if time.monotonic() < until:
            raise ConsumerPaused("the database is away")
        done.extend(message.id for message in messages)

    run(consumer=partial(bus.consume, QUEUE, deliver))
    sent = changed()
    publish(bus, sent)
    wait_until(lambda: done, 20)
    assert done == [sent.id]
    bus.close()


def test_what_is_being_handled_at_the_stop_is_acknowledged(
    bus: RabbitBus, rabbitmq_node: RabbitMQ, run: Run
) -> None:
    begun, finish = threading.Event(), threading.Event()

    def deliver(messages: Sequence[Message]) -> None:
        begun.set()
        finish.wait(20)

    consumer = run(consumer=partial(bus.consume, QUEUE, deliver))
    publish(bus, changed())
    assert begun.wait(20)
    stopping = threading.Thread(target=consumer.stop, args=(20,))
    stopping.start()
    finish.set()
    stopping.join()
    again: list[str] = []
    run(other=partial(bus.consume, QUEUE, lambda got: again.extend(m.id for m in got)))
    marker = changed("team/marker")
    publish(bus, marker)
    wait_until(lambda: again)
    assert again == [marker.id]


def test_what_the_queue_gave_up_on_lies_in_its_dead_queue(
    bus: RabbitBus, rabbitmq_node: RabbitMQ
) -> None:
    publish(bus, changed())
    queues = {queue["name"]: queue for queue in rabbitmq_node.api("GET", "queues")}
    arguments = queues[QUEUE]["arguments"]
    assert arguments["x-queue-type"] == "quorum"
    assert arguments["x-dead-letter-routing-key"] == f"{QUEUE}.dead"
    assert arguments["x-delivery-limit"] >= 100
    assert queues[f"{QUEUE}.dead"]["durable"]


@pytest.mark.slow
def test_a_broker_short_of_memory_holds_publishing_back_and_takes_it_up_again() -> None:
    with RabbitMQ() as node, node.fresh_vhost() as url:
        bus = open_bus(f"{url}?blocked_connection_timeout=2")
        publish(bus, changed())
        node.set_memory_limit(0.0001)
        with pytest.raises(BusUnavailable):
            bus.publish([changed()])
        node.set_memory_limit(0.4)
        publish(bus, changed())
        bus.close()


@pytest.mark.slow
def test_a_broker_that_is_killed_loses_no_confirmed_message(run: Run) -> None:
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    with RabbitMQ() as node, node.fresh_vhost() as url:
        bus = open_bus(url)
        seen: set[str] = set()
        sent: list[str] = []
        consumer = run(
            consumer=partial(bus.consume, QUEUE, lambda got: seen.update(m.id for m in got))
        )

        def push(stop: threading.Event) -> None:
            while not stop.is_set():
                message = changed(f"team/app-{len(sent)}")
                publish(bus, message)
                sent.append(message.id)
                stop.wait(0.01)

        publisher = run(publisher=push)
        # A quorum queue is written down some seconds after it was declared (see `RabbitMQ.kill`).
        wait_until(lambda: len(sent) > 400, 60)
        node.kill()
        node.start_again()
        before = len(sent)
        wait_until(lambda: len(sent) > before + 50, 120)
        assert publisher.stop(60)
        wait_until(lambda: seen >= set(sent), 60)
        assert consumer.stop(20)
        bus.close()
