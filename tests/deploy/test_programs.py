"""The services' programs as a platform treats them: other users, no broker, several at once."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

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
def test_b3_b6_it_lives_without_a_database_as_any_user(
    service: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As some platforms choose the user; one who has no name, no home, and may write nowhere."""
    with TemporaryDirectory() as folder:
        environ = settings_of(service, Path(folder), monkeypatch)
        readable_by_all(Path(folder))
        away = f"postgresql://portus@127.0.0.1:{free_port()}/portus"
        environ |= {"PORTUS_DATABASE_URL": away}
        somebody = "23456" if os.geteuid() == 0 else None
        web = start(service, environ, tmp_path / "log", user=somebody)
        try:
            assert status(environ, "/ready") == 503
        finally:
            assert web.stop(30) == 0
        assert "Traceback" not in web.output()
        assert "Permission denied" not in web.output()


def readable_by_all(folder: Path) -> None:
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)
