"""What every bus promises; each test runs on RabbitMQ and on the in-process bus."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from portus_shared.bus import Bus, BusUnavailable, ConsumerPaused, Message, RabbitBus, message_of
from portus_shared.contracts.catalog import ReplicaStarted, RepositoryChanged
from portus_shared.testing.waiting import free_port, wait_until
from portus_shared.worker import Supervisor

Run = Callable[..., Supervisor]


def changed(repository: str) -> Message:
    event = RepositoryChanged(
        registry="default", repository=repository, namespace="team", change="pushed"
    )
    return message_of(event, source="catalog", correlation_id="request-1")


def started(replica: str) -> Message:
    return message_of(ReplicaStarted(replica_id=replica), source="catalog")


class Collecting:
    """Remember what was delivered."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def deliver(self, messages: Sequence[Message]) -> None:
        self.messages.extend(messages)

    def hint(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def ids(self) -> list[str]:
        return [message.id for message in self.messages]


def publish(bus: Bus, *messages: Message) -> None:
    """Publish as the relay does: again until the bus takes it."""

    def taken() -> bool:
        try:
            bus.publish(messages)
        except BusUnavailable:
            return False
        return True

    wait_until(taken, 10)


def consume(bus: Bus, run: Run, queue: str, deliver: Any, *keys: str) -> Supervisor:
    bus.declare(queue, keys)
    return run(consumer=partial(bus.consume, queue, deliver))


def test_a_message_reaches_every_queue_bound_to_its_key_and_no_other(bus: Bus, run: Run) -> None:
    first, second, other = Collecting(), Collecting(), Collecting()
    consume(bus, run, "first.events", first.deliver, RepositoryChanged.key)
    consume(bus, run, "second.events", second.deliver, RepositoryChanged.key, ReplicaStarted.key)
    consume(bus, run, "other.events", other.deliver, ReplicaStarted.key)
    push, start = changed("team/app"), started("r1")
    publish(bus, push)
    publish(bus, start)
    wait_until(lambda: second.ids == [push.id, start.id] and other.ids and first.ids)
    assert first.ids == [push.id]
    assert other.ids == [start.id]


def test_a_message_arrives_with_all_its_attributes(bus: Bus, run: Run) -> None:
    seen = Collecting()
    consume(bus, run, "first.events", seen.deliver, RepositoryChanged.key)
    sent = changed("team/app")
    publish(bus, sent)
    wait_until(lambda: seen.ids)
    got = seen.messages[0]
    assert (got.id, got.key, got.body) == (sent.id, sent.key, sent.body)
    assert (got.source, got.correlation_id) == ("catalog", "request-1")
    assert abs((got.timestamp - sent.timestamp).total_seconds()) <= 1


def test_messages_of_one_publisher_keep_their_order(bus: Bus, run: Run) -> None:
    seen = Collecting()
    consume(bus, run, "first.events", seen.deliver, RepositoryChanged.key)
    sent = [changed(f"team/app-{number}") for number in range(250)]
    publish(bus, *sent)
    wait_until(lambda: len(seen.ids) == 250)
    assert seen.ids == [message.id for message in sent]


def test_a_paused_consumer_gets_the_same_messages_again(bus: Bus, run: Run) -> None:
    seen, pauses = Collecting(), iter([True, True])

    def deliver(messages: Sequence[Message]) -> None:
        if next(pauses, False):
            raise ConsumerPaused("the database is away")
        seen.deliver(messages)

    consume(bus, run, "first.events", deliver, RepositoryChanged.key)
    sent = changed("team/app")
    publish(bus, sent)
    wait_until(lambda: seen.ids, 15)
    assert seen.ids == [sent.id]


def test_nothing_is_lost_while_the_consumer_is_away(bus: Bus, run: Run) -> None:
    seen = Collecting()
    bus.declare("first.events", [RepositoryChanged.key])
    sent = changed("team/app")

    def publish_meanwhile(stop: threading.Event) -> None:
        publish(bus, sent)
        stop.wait()

    waiting = run(publisher=publish_meanwhile)
    consume(bus, run, "first.events", seen.deliver, RepositoryChanged.key)
    wait_until(lambda: sent.id in seen.ids)
    assert waiting.failures() == {"publisher": 0}


def test_a_consumer_that_stopped_can_start_again(bus: Bus, run: Run) -> None:
    seen = Collecting()
    first = consume(bus, run, "first.events", seen.deliver, RepositoryChanged.key)
    publish(bus, changed("team/one"))
    wait_until(lambda: len(seen.ids) == 1)
    assert first.stop(10)
    consume(bus, run, "first.events", seen.deliver, RepositoryChanged.key)
    publish(bus, changed("team/two"))
    wait_until(lambda: len(seen.ids) == 2)


def test_a_broadcast_reaches_every_listener_while_it_listens(bus: Bus, run: Run) -> None:
    one, two = Collecting(), Collecting()
    listeners = [
        run(listener=partial(bus.broadcast, [RepositoryChanged.key], who.hint))
        for who in (one, two)
    ]

    def all_heard() -> bool:
        publish(bus, changed("team/app"))
        return bool(one.ids and two.ids)

    wait_until(all_heard)
    for listener in listeners:
        assert listener.stop(10)
    heard = len(one.ids)
    publish(bus, changed("team/unheard"))
    assert len(one.ids) == heard


def test_a_listener_that_fails_does_not_hold_the_others_back(bus: Bus, run: Run) -> None:
    seen = Collecting()

    def fail(message: Message) -> None:
        raise ValueError(message.id)

    run(listener=partial(bus.broadcast, [RepositoryChanged.key], fail))
    consume(bus, run, "first.events", seen.deliver, RepositoryChanged.key)
    publish(bus, changed("team/app"))
    wait_until(lambda: seen.ids)


def test_what_no_queue_wants_is_taken_without_complaint(bus: Bus) -> None:
    publish(bus, changed("team/app"))
    assert bus.is_up()


def test_publishing_from_several_threads_loses_nothing(bus: Bus, run: Run) -> None:
    seen = Collecting()
    consume(bus, run, "first.events", seen.deliver, RepositoryChanged.key)
    sent = [[changed(f"team/{row}-{column}") for column in range(20)] for row in range(4)]
    threads = [threading.Thread(target=publish, args=(bus, *row)) for row in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: len(set(seen.ids)) == 80)


def test_a_broker_that_is_not_there_is_said_and_nothing_is_taken() -> None:
    away = RabbitBus(f"amqp://guest:guest@127.0.0.1:{free_port()}/")
    assert not away.is_up()
    with pytest.raises(BusUnavailable):
        away.publish([changed("team/app")])
