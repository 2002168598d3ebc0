"""The private broker is a full one: quorum queues, confirms, virtual hosts of one's own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker

from portus_shared.testing.rabbitmq import RabbitMQ


@contextmanager
def connected(url: str) -> Iterator[pika.BlockingConnection]:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        yield connection
    finally:
        if connection.is_open:
            connection.close()


def keep_a_message(url: str) -> None:
    with connected(url) as connection:
        channel = connection.channel()
        channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
        channel.confirm_delivery()
        channel.basic_publish("", "kept", b"hello", pika.BasicProperties(delivery_mode=2))


def kept_message(url: str) -> object:
    with connected(url) as connection:
        _, _, body = connection.channel().basic_get("kept")
        return body


def test_a_quorum_queue_keeps_a_confirmed_message(rabbitmq_url: str) -> None:
    keep_a_message(rabbitmq_url)
    assert kept_message(rabbitmq_url) == b"hello"


def test_each_test_has_a_virtual_host_of_its_own(rabbitmq_node: RabbitMQ) -> None:
    with rabbitmq_node.fresh_vhost() as first, rabbitmq_node.fresh_vhost() as second:
        keep_a_message(first)
        with connected(second) as connection, pytest.raises(ChannelClosedByBroker):
            connection.channel().queue_declare("kept", passive=True)


@pytest.mark.slow
def test_a_node_comes_back_with_its_messages() -> None:
    with RabbitMQ() as node, node.fresh_vhost() as url:
        keep_a_message(url)
        node.shut_down()
        node.start_again()
        assert kept_message(url) == b"hello"
