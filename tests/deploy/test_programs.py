"""The services' programs as a platform treats them: other users, no broker, several at once."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
import requests
from deploy import prepare

from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, wait_until

SERVICES: Final = ("auth", "sync", "catalog", "ui")
URL: Final = "http://127.0.0.1:8080"


@pytest.fixture
def environ(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, str]:
    """What the manifests would set, with a broker that does not answer."""
    monkeypatch.setattr(prepare, "MADE", tmp_path)
    service: str = request.node.callspec.params["service"]
    files = prepare.contents(URL, "127.0.0.1:8080")[service]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    own = {
        "PORTUS_PUBLIC_URL": URL,
        "PORTUS_REGISTRY_URL": "http://127.0.0.1:1",
        "PORTUS_REGISTRY_EXTERNAL_HOST": "127.0.0.1:8080",
        "PORTUS_BUS_URL": f"amqp://portus:portus@127.0.0.1:{free_port()}/",
        "PORTUS_LISTEN": f"127.0.0.1:{free_port()}",
        "PORTUS_CA_CERT_FILE": str(tmp_path / "ca.pem"),
        "PORTUS_CA_KEY_FILE": str(tmp_path / "ca-key.pem"),
    }
    secrets = {
        f"PORTUS_{name.upper().replace('-', '_')}": text
        for name, text in files.items()
        if name.endswith(("-secret", "-key"))
    }
    return {"PATH": os.environ["PATH"], **own, **secrets}


def program(service: str) -> str:
    return str(Path(sys.executable).parent / f"portus-{service}")


def status(environ: Mapping[str, str], path: str) -> int:
    try:
        return requests.get(f"http://{environ['PORTUS_LISTEN']}{path}", timeout=10).status_code
    except requests.ConnectionError:
        return 0


@pytest.mark.parametrize("service", SERVICES)
def test_several_may_migrate_at_once(
    service: str, environ: Mapping[str, str], postgresql_url: str
) -> None:
    own = {**environ, "PORTUS_DATABASE_URL": postgresql_url}
    racing = [subprocess.Popen([program(service), "migrate", "--wait"], env=own) for _ in range(3)]
    assert [each.wait(60) for each in racing] == [0, 0, 0]


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_ready_without_a_broker_and_ends_when_told(
    service: str, environ: Mapping[str, str], postgresql_url: str, tmp_path: Path
) -> None:
    own = {**environ, "PORTUS_DATABASE_URL": postgresql_url}
    subprocess.run([program(service), "migrate"], env=own, check=True, timeout=60)
    web = Process([program(service), "web"], log=tmp_path / "log", env=own, cwd=Path("/"))
    try:
        wait_until(lambda: status(own, "/ready") == 200, 30, what=web.output())
        assert status(own, "/live") == 200
    finally:
        web.stop(30)
    assert web.exit_code == 0


@pytest.mark.parametrize("service", ["sync", "catalog", "ui"])
def test_it_starts_and_lives_without_a_database(
    service: str, environ: Mapping[str, str], tmp_path: Path
) -> None:
    own = {**environ, "PORTUS_DATABASE_URL": f"postgresql://portus@127.0.0.1:{free_port()}/portus"}
    web = Process([program(service), "web"], log=tmp_path / "log", env=own, cwd=Path("/"))
    try:
        wait_until(lambda: status(own, "/live") == 200, 30, what=web.output())
        assert status(own, "/ready") == 503
    finally:
        web.stop(30)
