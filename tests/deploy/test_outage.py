"""auth without its database: real gunicorn processes, and a PostgreSQL that is shut down."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from tests.deploy.programs import HOST, Environ, run, settings_of, start, status

from portus_auth.storage.snapshot_file import PURPOSE, SnapshotFile, UnusableSnapshot
from portus_shared.keys import CertificateAuthority
from portus_shared.testing.postgres import PostgreSQL
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import wait_until

PASSWORD: Final = "correct horse battery"
ADMIN: Final = ("ada", PASSWORD)
DISABLED: Final = ("eve", PASSWORD)
SCOPE: Final = "repository:ada/app:pull,push"

Someone = tuple[str, str] | None


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    """A PostgreSQL that these tests may shut down."""
    with PostgreSQL() as server:
        yield server


@dataclass
class Load:
    """What was answered to people who asked for tokens without a pause."""

    answers: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def asked(self) -> int:
        return sum(self.answers.values())

    def note(self, code: int) -> None:
        with self._lock:
            self.answers[code] = self.answers.get(code, 0) + 1


class Auth:
    """auth's web processes with their settings, and people who call them."""

    def __init__(self, environ: Environ, log: Path) -> None:
        self.environ = environ
        self.url = f"http://{environ['PORTUS_LISTEN']}"
        self._log = log
        self.process: Process | None = None

    def start(self, until: str = "/ready") -> None:
        self.process = start("auth", self.environ, self._log, until=until)

    def stop(self) -> int:
        assert self.process
        return self.process.stop(30)

    def token(self, who: Someone, **parameters: str) -> requests.Response:
        asked = {"service": HOST, "scope": SCOPE, **parameters}
        return requests.get(f"{self.url}/v2/token", params=asked, auth=who, timeout=30)

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        return requests.request(
            method, f"{self.url}/api/v1{path}", auth=ADMIN, timeout=30, **options
        )

    def metric(self, name: str) -> float:
        lines = requests.get(f"{self.url}/metrics", timeout=30).text.splitlines()
        return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])

    def keeps_a_token(self) -> bool:
        """Tell whether what is on disk has the last change in it."""
        names = ("PORTUS_CA_CERT_FILE", "PORTUS_CA_KEY_FILE", "PORTUS_FACTS_SNAPSHOT_FILE")
        certificate, key, path = (Path(self.environ[name]) for name in names)
        authority = CertificateAuthority.load(certificate, key)
        try:
            kept = SnapshotFile(path, authority.derived_key(PURPOSE)).load(60)
        except UnusableSnapshot:
            return False
        return bool(kept.snapshot.tokens)

    def says(self, words: str) -> bool:
        return words in self._log.read_text()

    @contextmanager
    def under_load(self, *people: Someone) -> Iterator[Load]:
        """Have each of these people ask for tokens until the end of the block."""
        load, over = Load(), threading.Event()

        def ask(who: Someone) -> None:
            while not over.is_set():
                load.note(self.token(who).status_code)

        threads = [threading.Thread(target=ask, args=(who,)) for who in people]
        for thread in threads:
            thread.start()
        try:
            yield load
        finally:
            over.set()
            for thread in threads:
                thread.join()


@pytest.fixture
def auth(server: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Auth]:
    """auth in two processes, with nothing running yet; the key of its hashes is in the database."""
    with server.fresh_database() as url:
        environ = settings_of("auth", tmp_path, monkeypatch)
        environ |= {"PORTUS_DATABASE_URL": url, "WEB_CONCURRENCY": "2"}
        environ["PORTUS_FACTS_SNAPSHOT_FILE"] = str(tmp_path / "state" / "facts")
        del environ["PORTUS_HASH_KEY"]
        auth = Auth(environ, tmp_path / "log")
        yield auth
        if auth.process:
            auth.process.kill()
        if not server.process.is_running:
            server.start_again()


@pytest.fixture
def token(auth: Auth) -> tuple[str, str]:
    """Set up an admin and a disabled user, and return the admin's application token."""
    run("auth", auth.environ, "migrate")
    for name in (ADMIN[0], DISABLED[0]):
        mail = f"{name}@example.org"
        run("auth", auth.environ, "create-admin", name, mail, "--password", PASSWORD)
    auth.start()
    assert auth.token(DISABLED).status_code == 200
    eve = next(each["id"] for each in auth.api("GET", "/users").json() if each["username"] == "eve")
    assert auth.api("PUT", f"/users/{eve}", json={"enabled": False}).ok
    made = auth.api("POST", "/users/1/application_tokens", json={"application": "ci"})
    given = (ADMIN[0], made.json()["plain_token"])
    wait_until(lambda: all(auth.token(given).ok for _ in range(8)), 30, what="both processes know")
    wait_until(auth.keeps_a_token, 30, what="so does the file")
    return given


def test_no_token_request_fails_while_the_database_is_away_nor_after_a_restart(
    auth: Auth, token: tuple[str, str], server: PostgreSQL
) -> None:
    with auth.under_load(ADMIN, token, None) as load:
        grows_by(load, 60)
        server.shut_down()
        grows_by(load, 150)
        assert status(auth.environ, "/ready") == 200
        assert auth.api("GET", "/users").status_code == 503
        login = auth.token(ADMIN, offline_token="true", client_id="docker")
        assert (login.status_code, "refresh_token" in login.json()) == (200, False)
        assert auth.metric("portus_facts_age_seconds") > 0
    assert set(load.answers) == {200}
    decides_alone(auth, token)

    assert auth.stop() == 0
    said = run("auth", auth.environ, "migrate")
    assert "warning: the database does not answer; auth can serve from the facts of" in said
    auth.start(until="/live")
    assert status(auth.environ, "/ready") == 200
    decides_alone(auth, token)
    assert auth.says("facts are recalled from disk")

    server.start_again()
    wait_until(lambda: auth.api("GET", "/users").ok, 30, what="the REST API answers again")
    run("auth", auth.environ, "create-admin", "new", "new@example.org", "--password", PASSWORD)
    wait_until(lambda: all(auth.token(("new", PASSWORD)).ok for _ in range(8)), 30)
    decides_alone(auth, token)


def test_no_token_request_waits_for_a_database_that_hangs(
    auth: Auth, token: tuple[str, str], server: PostgreSQL
) -> None:
    def log_in() -> int:
        return auth.token(ADMIN, offline_token="true", client_id="docker").status_code

    with auth.under_load(ADMIN, token, None) as load, ThreadPoolExecutor(24) as pool:
        grows_by(load, 60)
        with server.frozen():
            logins = [pool.submit(log_in) for _ in range(24)]
            grows_by(load, 150)
            wait_until(lambda: auth.api("GET", "/users").status_code == 503, 60)
            assert status(auth.environ, "/ready") == 200
        wait_until(lambda: auth.api("GET", "/users").ok, 60, what="the REST API answers again")
    assert set(load.answers) == {200}
    assert {each.result() for each in logins} == {200}


def test_it_waits_for_a_database_that_was_never_there(auth: Auth, server: PostgreSQL) -> None:
    """Also the schema: `migrate` may have been let off because there were facts once."""
    server.shut_down()
    auth.start(until="/live")
    assert status(auth.environ, "/ready") == 503
    assert auth.token(None).status_code == 503
    server.start_again()
    wait_until(lambda: status(auth.environ, "/ready") == 200, 60, what="auth is ready")
    wait_until(lambda: auth.says("the start is complete"), 30)
    wait_until(lambda: all(auth.token(None).ok for _ in range(8)), 30, what="both processes know")
    assert auth.api("GET", "/users").status_code == 401
    assert auth.says("create the first admin")


def grows_by(load: Load, requests_: int) -> None:
    wanted = load.asked + requests_
    wait_until(lambda: load.asked >= wanted, 60, what=f"{requests_} more requests are answered")


def decides_alone(auth: Auth, token: tuple[str, str]) -> None:
    """Let everybody in who is known, and nobody else."""
    known: list[Callable[[], requests.Response]] = [
        lambda: auth.token(ADMIN),
        lambda: auth.token(token),
        lambda: auth.token(None),
    ]
    for _ in range(4):  # Whichever process answers.
        assert [ask().status_code for ask in known] == [200, 200, 200]
        assert auth.token(DISABLED).status_code == 401
        assert auth.token(("ada", "a wrong password")).status_code == 401
