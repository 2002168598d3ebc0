"""Two real servers on one database: what is changed at one is obeyed by both."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt
import pytest
import requests
from services.auth.tests.people import ADMIN
from services.auth.tests.test_program import COMMAND, surroundings

from portus_auth.app import MIGRATIONS, open_database
from portus_auth.config import read
from portus_shared.migrations import migrate
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, wait_until

OBEYED_WITHIN_S: Final = 1.0
_SERVICE: Final = "registry.test:5000"
_ROOT: Final = (ADMIN["username"], ADMIN["password"])


@dataclass
class Server:
    """One `portus-auth web`."""

    url: str
    process: Process

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/ready", timeout=10).status_code == 200
        except requests.ConnectionError:
            return False

    def change(self, method: str, path: str, body: Any) -> Any:
        """Change something as the admin; return what was answered."""
        answer = requests.request(method, self.url + path, json=body, auth=_ROOT, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def may_pull(self) -> bool:
        """Ask for a token for a private image, as anybody."""
        query = {"service": _SERVICE, "scope": "repository:shop/app:pull"}
        answer = requests.get(f"{self.url}/v2/token", params=query, timeout=30)
        assert answer.status_code == 200, answer.text
        claims = jwt.decode(answer.json()["token"], options={"verify_signature": False})
        return bool(claims["access"])


@pytest.fixture
def servers(environ: dict[str, str], tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    with open_database(read(environ)) as database:
        migrate(database, MIGRATIONS)
    here, there = (_started(environ, tmp_path / f"{name}.log") for name in ("here", "there"))
    with here.process, there.process:
        for server in (here, there):
            wait_until(server.is_ready, 60, what="auth is ready")
        yield here, there


def _started(environ: dict[str, str], log: Path) -> Server:
    port = free_port()
    given = {**surroundings(), **environ, "PORTUS_LISTEN": f"127.0.0.1:{port}"}
    return Server(f"http://127.0.0.1:{port}", Process([*COMMAND, "web"], log=log, env=given))


def test_a_change_is_obeyed_by_its_own_process_at_once_and_by_others_within_a_second(
    servers: tuple[Server, Server], tmp_path: Path
) -> None:
    here, there = servers
    namespace = _settle(here, tmp_path)
    for visibility, (near, far) in zip(
        ("public", "private", "public", "protected"),
        itertools.cycle([(here, there), (there, here)]),
        strict=False,
    ):
        assert near.may_pull() is far.may_pull() is (visibility != "public")
        near.change("PUT", f"/api/v1/namespaces/{namespace}", {"visibility": visibility})
        changed_at = time.monotonic()
        assert near.may_pull() is (visibility == "public")
        assert _last_disobedience(far, open_=visibility == "public") - changed_at < OBEYED_WITHIN_S


def test_what_was_denied_last_is_in_the_log_after_the_server_has_ended(
    servers: tuple[Server, Server], tmp_path: Path
) -> None:
    here, there = servers
    _settle(here, tmp_path)
    assert not there.may_pull()
    there.process.stop()
    answer = requests.get(f"{here.url}/api/v1/decisions", auth=_ROOT, timeout=30)
    assert [entry["repository"] for entry in answer.json()["items"]] == ["shop/app"]


def _settle(server: Server, folder: Path) -> int:
    """Make the first admin, and a private namespace; return its id."""
    code = (folder / "setup-code").read_text().strip()
    body = {"user": ADMIN, "setup_code": code}
    made = requests.post(f"{server.url}/api/v1/users/bootstrap", json=body, timeout=30)
    assert made.status_code == 201, made.text
    server.change("POST", "/api/v1/teams", {"name": "ours"})
    namespace = server.change("POST", "/api/v1/namespaces", {"name": "shop", "team": "ours"})
    return int(namespace["id"])


def _last_disobedience(server: Server, *, open_: bool) -> float:
    """Return when the last request was sent whose answer did not know of the change."""
    last = [0.0]

    def obeys() -> bool:
        asked_at = time.monotonic()
        if server.may_pull() is open_:
            return True
        last[0] = asked_at
        return False

    wait_until(obeys, 10, what="the other process obeys")
    return last[0]
