"""B7: keys change under load, against a real registry, and nobody notices."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from deploy import prepare
from tests.deploy.programs import HOST, URL, Environ, run, settings_of, start

from portus_shared.keys import CertificateAuthority, Signer
from portus_shared.testing.processes import Process
from portus_shared.testing.registry import Registry, TokenAuth
from portus_shared.testing.waiting import free_port, wait_until

ADMIN: Final = ("ada", "correct horse battery")
UPLOADS: Final = "/v2/ada/app/blobs/uploads/"
CLIENTS: Final = 2


@pytest.fixture(params=["registry2_binary", "registry3_binary"])
def binary(request: pytest.FixtureRequest) -> Path:
    program: Path = request.getfixturevalue(request.param)
    return program


@dataclass
class Traffic:
    """Where clients go at the moment, and what they were answered."""

    auth: str
    registry: str
    answers: list[tuple[str, int]] = field(default_factory=list)

    def push(self) -> None:
        """Get a token and begin an upload with it, as docker does for every layer."""
        asked = {"service": HOST, "scope": "repository:ada/app:pull,push"}
        given = requests.get(f"{self.auth}/v2/token", params=asked, auth=ADMIN, timeout=30)
        self.answers.append(("token", given.status_code))
        token = given.json()["token"] if given.ok else ""
        self.answers.append(("upload", begin_upload(self.registry, token)))

    def goes_on(self) -> None:
        """Wait until every client has come by twice more."""
        wanted = len(self.answers) + 4 * CLIENTS
        wait_until(lambda: len(self.answers) >= wanted, 60, what="clients are answered")

    def failures(self) -> set[tuple[str, int]]:
        return set(self.answers) - {("token", 200), ("upload", 202)}


def token_auth(bundle: Path) -> TokenAuth:
    realm = f"{URL}/v2/token"
    return TokenAuth(realm=realm, service=HOST, issuer="portus-auth", root_cert_bundle=bundle)


def begin_upload(registry: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(f"{registry}{UPLOADS}", headers=headers, timeout=30).status_code


@contextmanager
def clients_at(act: Callable[[], None]) -> Iterator[None]:
    """Let several clients do something over and over until the end of the block."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            act()

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_b7_leaves_are_renewed_under_load(binary: Path, tmp_path: Path) -> None:
    ca = CertificateAuthority.load_or_create(tmp_path / "ca.pem", tmp_path / "ca-key.pem")
    signer = Signer(ca, leaf_lifetime=timedelta(seconds=4))
    leaves: set[str] = set()
    answers: list[int] = []

    def push(registry: Registry) -> None:
        answers.append(begin_upload(registry.url, signer.sign(claims())))
        leaves.update(key["kid"] for key in signer.public_keys())

    auth = token_auth(tmp_path / "ca.pem")
    with (
        Registry(binary, tmp_path / "registry", auth=auth) as registry,
        clients_at(lambda: push(registry)),
    ):
        wait_until(lambda: len(leaves) >= 4, 30, what="leaves were renewed three times")
    assert set(answers) == {202}


def claims() -> dict[str, Any]:
    now = int(time.time())
    access = [{"type": "repository", "name": "ada/app", "actions": ["pull", "push"]}]
    times = {"exp": now + 60, "nbf": now - 30, "iat": now}
    return {"iss": "portus-auth", "sub": "ada", "aud": HOST, "access": access, **times}


class Site:
    """auth and a registry, each replaced by another process as a rolling update would."""

    def __init__(self, environ: Environ, binary: Path, folder: Path, stack: ExitStack) -> None:
        self._environ = environ
        self._binary = binary
        self._folder = folder
        self._stack = stack
        self._generation = 0
        self._auth: Process | None = None
        self._registry: Registry | None = None
        self.traffic = Traffic("", "")

    def roll_auth(self) -> None:
        """Start auth with the files of now, send clients there, and end the one before."""
        folder = self._with_files("auth")
        own: Mapping[str, str] = {
            "PORTUS_LISTEN": f"127.0.0.1:{free_port()}",
            "PORTUS_CA_CERT_FILE": str(folder / "ca.pem"),
            "PORTUS_CA_KEY_FILE": str(folder / "ca-key.pem"),
        }
        environ = {**self._environ, **own}
        process = start("auth", environ, folder / "log", until="/ready")
        self._stack.callback(process.kill)
        self.traffic.auth = f"http://{own['PORTUS_LISTEN']}"
        if self._auth:
            self.traffic.goes_on()  # As the pause before the end of a pod: nobody comes any more.
            assert self._auth.stop(30) == 0
        self._auth = process

    def roll_registry(self) -> None:
        folder = self._with_files("registry")
        auth = token_auth(folder / "ca.pem")
        registry = self._stack.enter_context(Registry(self._binary, folder / "data", auth=auth))
        self.traffic.registry, former = registry.url, self._registry
        if former:
            self.traffic.goes_on()
            former.stop()
        self._registry = registry

    def token(self) -> str:
        asked = {"service": HOST, "scope": "repository:ada/app:pull,push"}
        url = f"{self.traffic.auth}/v2/token"
        given: str = requests.get(url, params=asked, auth=ADMIN, timeout=30).json()["token"]
        return given

    def _with_files(self, container: str) -> Path:
        self._generation += 1
        folder = self._folder / f"{container}-{self._generation}"
        folder.mkdir()
        for name, text in prepare.contents(URL, HOST)[container].items():
            (folder / name).write_text(text)
        return folder


def test_b7_the_authority_is_replaced_under_load(
    registry2_binary: Path,
    postgresql_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = tmp_path / "made"
    made.mkdir()
    environ = settings_of("auth", made, monkeypatch) | {"PORTUS_DATABASE_URL": postgresql_url}
    run("auth", environ, "migrate")
    run("auth", environ, "create-admin", ADMIN[0], "ada@example.org", "--password", ADMIN[1])
    with ExitStack() as stack:
        site = Site(environ, registry2_binary, tmp_path, stack)
        site.roll_auth()
        site.roll_registry()
        before = site.token()
        with clients_at(site.traffic.push):
            site.traffic.goes_on()
            prepare.replace_authority("begin")
            site.roll_registry()
            site.roll_auth()
            site.traffic.goes_on()
            prepare.replace_authority("switch")
            site.roll_auth()
            site.traffic.goes_on()
            assert begin_upload(site.traffic.registry, before) == 202
            prepare.replace_authority("finish")
            site.roll_registry()
            site.roll_auth()
            site.traffic.goes_on()
        assert site.traffic.failures() == set()
        assert begin_upload(site.traffic.registry, before) == 401


def test_steps_of_a_replacement_are_taken_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "MADE", tmp_path)
    first = prepare.certificate()
    for early in ("switch", "finish"):
        with pytest.raises(SystemExit, match="begin first"):
            prepare.replace_authority(early)
    prepare.replace_authority("begin")
    prepare.replace_authority("begin")
    assert prepare.certificate().count("BEGIN CERTIFICATE") == 2
    with pytest.raises(SystemExit, match="switch first"):
        prepare.replace_authority("finish")
    prepare.replace_authority("switch")
    assert prepare.certificate().count("BEGIN CERTIFICATE") == 2
    prepare.replace_authority("finish")
    assert prepare.certificate().count("BEGIN CERTIFICATE") == 1
    assert prepare.certificate() != first
