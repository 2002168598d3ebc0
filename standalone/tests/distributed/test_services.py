"""What each process of the distributed form is told."""

from pathlib import Path

import pytest

import portus_auth.config
import portus_catalog.config
import portus_sync.config
import portus_ui.config
from portus_standalone.addresses import Address
from portus_standalone.distributed import services
from portus_standalone.distributed.broker import find_broker
from portus_standalone.distributed.ports import BROKER, SERVERS, WORKERS
from portus_standalone.options import Options
from portus_standalone.refusal import Refusal
from portus_standalone.state import State

PORTS = {name: 20_000 + number for number, name in enumerate([*SERVERS, *WORKERS, *BROKER])}


def environs(data: Path, bus: str | None = None) -> services.Environs:
    options = Options(
        data=data,
        listen=Address.parse("127.0.0.1:8080"),
        registry_listen=Address.parse("127.0.0.1:5080"),
        bus=bus,
        distributed=True,
    )
    state = State(data)
    return services.environs(options, state, state.secrets(), PORTS)


def test_every_service_accepts_its_settings(tmp_path: Path) -> None:
    told = environs(tmp_path)
    auth = portus_auth.config.read(told["auth"])
    sync = portus_sync.config.read(told["sync"])
    catalog = portus_catalog.config.read(told["catalog"])
    ui = portus_ui.config.read(told["ui"])
    listening = (auth.service.listen, sync.service.listen, catalog.service.listen, ui.listen)
    assert listening == tuple(f"127.0.0.1:{PORTS[name]}" for name in SERVERS)
    assert ui.auth_url == sync.service.auth_url == f"http://127.0.0.1:{PORTS['auth']}"
    assert ui.catalog_url == f"http://127.0.0.1:{PORTS['catalog']}"
    assert ui.sync_url == f"http://127.0.0.1:{PORTS['sync']}"
    assert auth.trusted_proxies == ui.trusted_proxies == 1
    assert auth.service.bell_dir == tmp_path / "bells"


def test_the_private_broker_has_an_account_with_a_secret_of_its_own(tmp_path: Path) -> None:
    password = State(tmp_path).secrets().broker
    wanted = f"amqp://portus:{password}@127.0.0.1:{PORTS['rabbitmq']}/%2F"
    assert {told["PORTUS_BUS_URL"] for told in environs(tmp_path).values()} == {wanted}
    elsewhere = environs(tmp_path, bus="amqp://mq.example.com")
    assert {told["PORTUS_BUS_URL"] for told in elsewhere.values()} == {"amqp://mq.example.com"}


def test_a_path_too_long_for_a_socket_means_looking_once_a_second(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 80)
    deep.mkdir()
    assert portus_sync.config.read(environs(deep)["sync"]).service.bell_dir is None


def test_a_process_gets_its_own_settings_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTUS_SERVICE_SECRET_FILE", "/somebody/elses")
    monkeypatch.setenv("PORTUS_BUS_URL", "amqp://elsewhere")
    monkeypatch.setenv("PORTUS_SCAN_THREADS", "3")
    monkeypatch.setenv("LANG", "C.UTF-8")
    given = services.process_environ(environs(tmp_path)["sync"])
    assert "PORTUS_SERVICE_SECRET_FILE" not in given
    assert "PORTUS_CA_KEY_FILE" not in given
    assert given["PORTUS_BUS_URL"] != "amqp://elsewhere"
    assert given["PORTUS_SCAN_THREADS"] == "3"
    assert given["LANG"] == "C.UTF-8"


def test_without_rabbitmq_a_person_is_told_what_to_do() -> None:
    with pytest.raises(Refusal, match=r"apt-get install rabbitmq-server.*--bus amqp://"):
        find_broker(["/nowhere/rabbitmq-server"])
