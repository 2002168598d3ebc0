"""`up` says what is wrong before it starts anything."""

import socket
import subprocess
from pathlib import Path

import pytest

from portus_shared.testing.waiting import free_port
from portus_standalone.state import State


def refused(portus: list[str], data: Path, *options: str) -> str:
    done = subprocess.run(
        [*portus, "up", "--data", str(data), *options],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("option", ["--listen", "--registry-listen"])
def test_a_busy_port(portus: list[str], tmp_path: Path, option: str) -> None:
    other = "--registry-listen" if option == "--listen" else "--listen"
    with socket.create_server(("127.0.0.1", 0)) as busy:
        address = f"127.0.0.1:{busy.getsockname()[1]}"
        said = refused(portus, tmp_path, option, address, other, f"127.0.0.1:{free_port()}")
    assert said.startswith(f"portus: {address} is in use by another program.")
    assert f"{option} HOST:PORT" in said
    assert not (tmp_path / "log").exists()


def test_the_same_port_twice(portus: list[str], tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    said = refused(portus, tmp_path, "--listen", address, "--registry-listen", address)
    assert "need different ports" in said


def test_a_second_instance(portus: list[str], tmp_path: Path) -> None:
    with State(tmp_path).opened():
        said = refused(portus, tmp_path)
    assert said.startswith("portus: another `portus up` already uses")


def test_a_newer_state(portus: list[str], tmp_path: Path) -> None:
    (tmp_path / "state_version").write_text("99")
    assert "newer Portus" in refused(portus, tmp_path)


def test_a_registry_that_is_none(portus: list[str], tmp_path: Path) -> None:
    ports = [f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"]
    listen = ["--listen", ports[0], "--registry-listen", ports[1]]
    said = refused(portus, tmp_path, *listen, "--registry-binary", "/bin/true")
    assert "/bin/true is not a Docker registry" in said


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--listen", "8080"),
        ("--registry-listen", "localhost"),
        ("--registry", "registry.example.com"),
        ("--bus", "redis://localhost"),
        ("--database", "mysql://localhost/portus"),
    ],
)
def test_a_value_that_cannot_be_meant(
    portus: list[str], tmp_path: Path, option: str, value: str
) -> None:
    assert f"Invalid value for '{option}'" in refused(portus, tmp_path, option, value)


def test_a_front_before_one_process(portus: list[str], tmp_path: Path) -> None:
    assert "--front needs --distributed" in refused(portus, tmp_path, "--front", "nginx")


def test_a_busy_port_of_the_distributed_form(portus: list[str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        address = f"127.0.0.1:{busy.getsockname()[1]}"
        said = refused(portus, tmp_path, "--distributed", "--listen", address)
    assert said.startswith(f"portus: {address} is in use by another program.")
    assert not (tmp_path / "log").exists()


def test_a_command_of_a_service_that_never_ran(portus: list[str], tmp_path: Path) -> None:
    command = [*portus, "service", "--data", str(tmp_path), "auth", "outbox", "status"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert f"portus: {tmp_path} was never used: start Portus first" in done.stderr


def test_a_broker_that_does_not_answer(portus: list[str], tmp_path: Path) -> None:
    port = free_port()
    listen = [
        "--listen",
        f"127.0.0.1:{free_port()}",
        "--registry-listen",
        f"127.0.0.1:{free_port()}",
    ]
    said = refused(portus, tmp_path, *listen, "--bus", f"amqp://ada:secret@127.0.0.1:{port}/x")
    assert f"no RabbitMQ can be used at 127.0.0.1:{port}" in said
    assert "secret" not in said


def test_a_broker_that_does_not_know_us(
    portus: list[str], tmp_path: Path, rabbitmq_url: str
) -> None:
    listen = [
        "--listen",
        f"127.0.0.1:{free_port()}",
        "--registry-listen",
        f"127.0.0.1:{free_port()}",
    ]
    wrong = rabbitmq_url.replace("guest:guest@", "guest:wrong@")
    assert "or it does not know the user" in refused(portus, tmp_path, *listen, "--bus", wrong)
