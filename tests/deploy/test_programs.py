"""The services' programs as a platform treats them: other users, no broker, several at once."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.deploy.programs import SERVICES, Environ, program, settings_of, start, status

from portus_shared.testing.waiting import free_port


@pytest.fixture
def environ(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Environ:
    service: str = request.node.callspec.params["service"]
    return settings_of(service, tmp_path, monkeypatch)


@pytest.mark.parametrize("service", SERVICES)
def test_b5_several_may_migrate_at_once(
    service: str, environ: Mapping[str, str], postgresql_url: str
) -> None:
    own = {**environ, "PORTUS_DATABASE_URL": postgresql_url}
    racing = [subprocess.Popen([program(service), "migrate", "--wait"], env=own) for _ in range(3)]
    assert [each.wait(60) for each in racing] == [0, 0, 0]


@pytest.mark.parametrize("service", SERVICES)
def test_b3_it_starts_and_lives_without_a_database(
    service: str, environ: Mapping[str, str], tmp_path: Path
) -> None:
    own = {**environ, "PORTUS_DATABASE_URL": f"postgresql://portus@127.0.0.1:{free_port()}/portus"}
    web = start(service, own, tmp_path / "log")
    try:
        assert status(own, "/ready") == 503
    finally:
        web.stop(30)
