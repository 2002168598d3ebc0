import socket
from pathlib import Path

import pytest

from portus_shared.testing.waiting import free_port
from portus_standalone.addresses import Address
from portus_standalone.options import Options
from portus_standalone.refusal import Refusal


@pytest.mark.parametrize(
    "text", ["127.0.0.1:8080", "[::1]:8080", "localhost:1", "portus.example.com:65535"]
)
def test_an_address_reads_and_prints_the_same(text: str) -> None:
    assert str(Address.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "8080", ":8080", "host:", "host:http", "host:0", "host:65536", "::1:80", "h:-1"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"HOST:PORT|between|brackets"):
        Address.parse(text)


def test_a_busy_port_is_refused_with_the_name_of_its_option() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = Address(host="127.0.0.1", port=other.getsockname()[1])
        with pytest.raises(Refusal, match=rf"{address} is in use .*--registry-listen"):
            address.require_free("--registry-listen")


def test_a_port_whose_owner_is_just_dying_is_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = Address(host="127.0.0.1", port=other.getsockname()[1])
        client = socket.create_connection(other.getsockname())
        other.accept()[0].close()
        client.close()
    address.require_free("--listen")  # although its last connection lingers


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Refusal, match=r"cannot listen on 192\.0\.2\.1:8080"):
        Address(host="192.0.2.1", port=8080).require_free("--listen")


def options(listen: str, **more: str) -> Options:
    return Options(
        data=Path("/data"),
        listen=Address.parse(listen),
        registry_listen=Address.parse(f"127.0.0.1:{free_port()}"),
        **more,  # type: ignore[arg-type]
    )


def test_what_others_use_follows_from_what_is_listened_on() -> None:
    assert options("127.0.0.1:8080").public_url == "http://127.0.0.1:8080"
    assert options("0.0.0.0:80", public_host="hub").public_url == "http://hub:80"
    assert options("0.0.0.0:80", public_host="hub").internal_url == "http://127.0.0.1:80"
    assert options("[::]:80").internal_url == "http://[::1]:80"
    assert "0.0.0.0" not in options("0.0.0.0:80").public_url


def test_an_attached_registry_goes_by_its_own_name() -> None:
    attached = options("127.0.0.1:80", registry_url="https://registry.example.com")
    assert attached.registry_host == "registry.example.com"
    assert attached.registry_internal_url == "https://registry.example.com"


def test_options_reach_the_server_process_unchanged() -> None:
    given = options("[::1]:80", bus="amqp://localhost", database="postgresql://db/portus")
    assert Options.from_environ(given.to_environ()) == given
