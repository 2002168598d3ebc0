"""Programs that are told to end while they work, and a broker that goes away meanwhile."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
import pytest
import requests
from tests.deploy.programs import SERVICES, Environ, run, settings_of, start, status

from portus_shared.bus import Message, RabbitBus, message_of
from portus_shared.contracts.auth import StateRepublished
from portus_shared.contracts.catalog import ReplicaStarted
from portus_shared.serving import GRACE_S
from portus_shared.testing.rabbitmq import RabbitMQ
from portus_shared.testing.waiting import wait_until

QUEUE: Final = "auth.events"


@pytest.fixture
def environ(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Environ:
    service: str = request.node.callspec.params["service"]
    return settings_of(service, tmp_path, monkeypatch)


@contextmanager
def locked(url: str, table: str) -> Iterator[Callable[[], bool]]:
    """Hold a table against everybody; yields whether somebody waits for it."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (%s)"
    own = "SELECT oid FROM pg_database WHERE datname = current_database()"
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as observer:
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        database = observer.execute(own).fetchone()

        def somebody_waits() -> bool:
            counted = observer.execute(waiting, database).fetchone()
            return counted is not None and counted[0] > 0

        yield somebody_waits


@pytest.mark.parametrize("service", SERVICES)
def test_b1_a_request_being_answered_is_answered_before_the_end(
    service: str, environ: Environ, postgresql_url: str, tmp_path: Path
) -> None:
    """Without a broker, too: it is ready all the same."""
    environ |= {"PORTUS_DATABASE_URL": postgresql_url}
    run(service, environ, "migrate")
    web = start(service, environ, tmp_path / "log")
    with ThreadPoolExecutor(1) as pool:
        with locked(postgresql_url, f"{service}.alembic_version") as somebody_waits:
            slow = pool.submit(status, environ, "/ready")
            wait_until(somebody_waits, 30, what="a request waits for the database")
            web.send(signal.SIGTERM)
            wait_until(lambda: not takes_requests(environ), 30, what="nothing new is taken")
            assert web.is_running
        assert slow.result(GRACE_S) == 200
    wait_until(lambda: not web.is_running, GRACE_S, what=f"{service} has ended")
    assert web.exit_code == 0, web.output()


def takes_requests(environ: Environ) -> bool:
    """Tell whether a new connection is answered, rather than refused or left waiting."""
    try:
        return requests.get(f"http://{environ['PORTUS_LISTEN']}/live", timeout=1).ok
    except requests.RequestException:
        return False


@pytest.mark.parametrize("service", ["auth"])
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_b2_a_message_being_handled_is_handled_once(
    service: str,
    ending: signal.Signals,
    environ: Environ,
    postgresql_url: str,
    rabbitmq_node: RabbitMQ,
    rabbitmq_url: str,
    tmp_path: Path,
) -> None:
    environ |= {"PORTUS_DATABASE_URL": postgresql_url, "PORTUS_BUS_URL": rabbitmq_url}
    run(service, environ, "migrate")
    bus = RabbitBus(rabbitmq_url)
    bus.declare("test.answers", [StateRepublished.key])
    bus.declare(QUEUE, [ReplicaStarted.key])
    queue = f"queues/{rabbitmq_url.rpartition('/')[2]}/{QUEUE}"
    listen = ("worker", "--listen", environ["PORTUS_LISTEN"])
    worker = start(service, environ, tmp_path / "log", *listen)
    with locked(postgresql_url, "auth.republications") as somebody_waits:
        bus.publish([message_of(ReplicaStarted(replica_id="one"), source="catalog")])
        wait_until(somebody_waits, 30, what="the message is being handled")
        worker.send(ending)
        if ending == signal.SIGKILL:
            wait_until(lambda: not worker.is_running, 10, what="the worker was killed")
    wait_until(lambda: not worker.is_running, 30, what="the worker has ended")
    assert worker.exit_code == (0 if ending == signal.SIGTERM else -signal.SIGKILL)

    again = start(service, environ, tmp_path / "log", *listen)
    with heard(bus, "test.answers") as answers:
        wait_until(lambda: answers, 30, what="the message was answered")
        wait_until(lambda: rabbitmq_node.api("GET", queue).get("messages") == 0, 30)
        assert again.stop(30) == 0
        assert len(answers) == 1
    with psycopg.connect(postgresql_url) as connection:
        for counting in (
            "SELECT count(*) FROM auth.inbox",
            "SELECT count(*) FROM auth.republications",
        ):
            assert connection.execute(counting).fetchone() == (1,), counting
    bus.close()


@contextmanager
def heard(bus: RabbitBus, queue: str) -> Iterator[Sequence[Message]]:
    """Collect what comes to a queue until the end of the block."""
    messages: list[Message] = []
    stop = threading.Event()
    consumer = threading.Thread(target=bus.consume, args=(queue, messages.extend, stop))
    consumer.start()
    try:
        yield messages
    finally:
        stop.set()
        consumer.join()


@pytest.mark.parametrize("service", ["ui"])
def test_b4_a_broker_that_goes_away_makes_nobody_unready(
    service: str,
    environ: Environ,
    postgresql_url: str,
    rabbitmq_node: RabbitMQ,
    rabbitmq_url: str,
    tmp_path: Path,
) -> None:
    """ui's web server listens to the broker all the time."""
    vhost = rabbitmq_url.rpartition("/")[2]

    def is_connected() -> bool:
        found = rabbitmq_node.api("GET", "connections")
        return any(each.get("vhost") == vhost for each in found)

    environ |= {"PORTUS_DATABASE_URL": postgresql_url, "PORTUS_BUS_URL": rabbitmq_url}
    run(service, environ, "migrate")
    web = start(service, environ, tmp_path / "log", until="/ready")
    try:
        wait_until(is_connected, 30, what="ui is connected")
        rabbitmq_node.remove_vhost(vhost)
        for _ in range(50):
            assert status(environ, "/ready") == 200
        wait_until(lambda: not is_connected(), 30, what="ui lost its connection")
        assert status(environ, "/ready") == 200
        rabbitmq_node.add_vhost(vhost)
        wait_until(is_connected, 60, what="ui is connected again")
        assert status(environ, "/ready") == 200
    finally:
        assert web.stop(30) == 0
