from pathlib import Path

import pytest

import portus_auth.config
import portus_catalog.config
import portus_sync.config
import portus_ui.config
from portus_standalone.addresses import Address
from portus_standalone.environs import service_environs
from portus_standalone.options import Options
from portus_standalone.state import State


def options(data: Path, database: str | None = None) -> Options:
    return Options(
        data=data,
        listen=Address.parse("127.0.0.1:8080"),
        registry_listen=Address.parse("127.0.0.1:5080"),
        database=database,
    )


def test_every_service_accepts_its_settings(tmp_path: Path) -> None:
    state = State(tmp_path)
    environs = service_environs(options(tmp_path), state, state.secrets())
    auth = portus_auth.config.read(environs["auth"])
    sync = portus_sync.config.read(environs["sync"])
    catalog = portus_catalog.config.read(environs["catalog"])
    ui = portus_ui.config.read(environs["ui"])
    urls = {
        auth.service.database_url,
        sync.service.database_url,
        catalog.service.database_url,
        ui.database_url,
    }
    assert len(urls) == 4
    assert auth.registry.external_host == "127.0.0.1:5080"
    assert auth.services["ui"].reveal() == ui.service_secret.reveal()
    assert auth.services["catalog"].reveal() == catalog.service.service_secret.reveal()
    assert auth.services["sync"].reveal() == sync.service.service_secret.reveal()


def test_one_postgresql_database_serves_all(tmp_path: Path) -> None:
    state = State(tmp_path)
    given = options(tmp_path, database="postgresql://db/portus")
    environs = service_environs(given, state, state.secrets())
    assert {environ["PORTUS_DATABASE_URL"] for environ in environs.values()} == {given.database}
    kept = portus_auth.config.read(environs["auth"]).facts_snapshot_file
    assert kept == state.facts


def test_facts_are_not_kept_beside_the_file_they_come_from(tmp_path: Path) -> None:
    state = State(tmp_path)
    environ = service_environs(options(tmp_path), state, state.secrets())["auth"]
    assert portus_auth.config.read(environ).facts_snapshot_file is None


def test_what_a_person_set_reaches_the_services_but_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTUS_SCAN_THREADS", "3")
    monkeypatch.setenv("PORTUS_DATABASE_URL", "postgresql://elsewhere")
    monkeypatch.setenv("PORTUS_DATABASE_URL_FILE", "/elsewhere")
    monkeypatch.setenv("HOME", "/home/ada")
    state = State(tmp_path)
    environ = service_environs(options(tmp_path), state, state.secrets())["sync"]
    assert environ["PORTUS_SCAN_THREADS"] == "3"
    assert environ["PORTUS_DATABASE_URL"] == f"sqlite:///{state.database('sync')}"
    assert "PORTUS_DATABASE_URL_FILE" not in environ
    assert "HOME" not in environ
