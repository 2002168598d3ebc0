"""All of Portus as containers; `./portus test --containers` runs this."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
import requests
import yaml
from tests.deploy.stack import ADMIN, PASSWORD, Failed, Stack, compose_programs

from portus_shared.testing.waiting import free_port, is_listening, wait_until

pytestmark = pytest.mark.containers

SERVICES: Final = ("auth", "sync", "catalog", "ui")


@pytest.fixture(scope="module", params=compose_programs())
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    directory: Path = tmp_path_factory.mktemp("compose")
    stack = Stack(request.param, directory, "portustest", {})
    try:
        stack.compose("up", "--detach", "--build")
        stack.wait_until_healthy()
        stack.set_up()
        stack.log_in(*ADMIN)
        yield stack
    finally:
        stack.remove()


def test_c1_c2_a_push_becomes_visible(stack: Stack) -> None:
    stack.pushes_and_shows("ada/first")


def test_c2_what_was_pushed_can_be_pulled_by_its_owner_only(stack: Stack) -> None:
    reference = stack.make_image("ada/private")
    stack.docker("push", reference)
    stack.docker("rmi", reference)
    stack.docker("pull", reference)
    stack.docker("logout", stack.host)
    with pytest.raises(Failed, match=r"denied|unauthorized"):
        stack.docker("pull", reference)
    stack.log_in(*ADMIN)


def test_c2_a_wrong_password_is_refused(stack: Stack) -> None:
    with pytest.raises(Failed, match=r"(?i)unauthorized|credentials"):
        stack.log_in("ada", f"not {PASSWORD}")
    stack.log_in(*ADMIN)


def test_the_page_is_there_and_the_operators_addresses_are_not(stack: Stack) -> None:
    assert "Portus" in requests.get(stack.url, timeout=30).text
    for path in ("/metrics", "/internal/v1/about", "//live"):
        assert requests.get(stack.url + path, timeout=30).status_code == 404


def test_c3_our_containers_have_no_rights(stack: Stack) -> None:
    for name, container in stack.containers().items():
        host = container["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
    for name in SERVICES:
        ident = stack.containers()[name]["Id"]
        status = stack.docker("exec", ident, "cat", "/proc/self/status")
        assert "Uid:\t10001\t10001\t10001\t10001" in status, name
        assert "CapEff:\t0000000000000000" in status, name
        with pytest.raises(Failed, match=r"(?i)read-only|permission denied"):
            stack.docker("exec", ident, "touch", "/opt/venv/here")


def test_the_registry_holds_no_private_key(stack: Stack) -> None:
    ident = stack.containers()["registry"]["Id"]
    assert stack.docker("exec", ident, "ls", "/run/portus").split() == ["ca.pem", "config.yml"]
    assert "PRIVATE" not in stack.docker("exec", ident, "cat", "/run/portus/ca.pem")


def test_no_secret_is_in_the_environment_or_in_the_log(stack: Stack) -> None:
    every = "cd /made; for file in *[!m]; do cat $file; echo; done"
    made = stack.compose("run", "--rm", "-T", "--entrypoint", "sh", "prepare", "-c", every)
    found = [word for word in made.split("\n") if word]
    logs = stack.compose("logs", "--no-color")
    for container in stack.containers().values():
        for setting in container["Config"]["Env"]:
            assert not any(secret in setting for secret in found)
    assert not any(secret in logs for secret in found)


@pytest.mark.parametrize("component", ["rabbitmq", "postgres"])
def test_c6_it_recovers_when_a_component_is_killed(stack: Stack, component: str) -> None:
    stack.compose("kill", component)
    stack.compose("up", "--detach", component)
    stack.wait_until_healthy()
    stack.pushes_and_shows(f"ada/after-{component}")


def test_auth_decides_while_the_database_is_away_and_after_a_restart(stack: Stack) -> None:
    stack.compose("stop", "postgres")
    for _ in range(20):
        assert asks_for_a_token(stack) == 200
    stack.compose("kill", "auth")
    stack.docker("start", stack.containers()["auth"]["Id"])
    wait_until(lambda: asks_for_a_token(stack) == 200, 60, what="auth decides from its facts")
    stack.compose("up", "--detach", "postgres")
    stack.wait_until_healthy()
    stack.pushes_and_shows("ada/after-outage")


def asks_for_a_token(stack: Stack) -> int:
    scope = {"service": stack.host, "scope": "repository:ada/first:pull"}
    answer = requests.get(f"{stack.url}/v2/token", params=scope, auth=ADMIN, timeout=30)
    return answer.status_code


def test_c5_a_registry_of_the_next_generation_takes_over(stack: Stack) -> None:
    with stack.exported("PORTUS_REGISTRY_IMAGE", "registry:3"):
        stack.compose("up", "--detach", "registry")
        stack.pushes_and_shows("ada/three")
        version = stack.compose("exec", "-T", "registry", "registry", "--version")
    assert " 3." in version or " v3." in version


def test_the_authority_is_replaced_as_the_page_says(stack: Stack) -> None:
    """docs/operations.md: clients with an old token would go on meanwhile."""
    believers = ("registry", "auth", "sync", "sync-worker", "catalog", "catalog-worker")
    for step, restarted in (("begin", believers), ("switch", ("auth",)), ("finish", believers)):
        stack.compose("run", "--rm", "-T", "prepare", "authority", step)
        stack.compose("restart", *restarted)
        stack.wait_until_healthy()
        certificates = {"begin": 2, "switch": 2, "finish": 1}[step]
        bundle = requests.get(f"{stack.url}/.well-known/portus-ca.pem", timeout=30).text
        assert bundle.count("BEGIN CERTIFICATE") == certificates
        stack.pushes_and_shows(f"ada/{step}")


def test_a_second_up_keeps_everything(stack: Stack) -> None:
    stack.compose("up", "--detach")
    stack.wait_until_healthy()
    assert stack.is_visible("ada/first")


def test_c4_containers_stop_cleanly(stack: Stack) -> None:
    stack.compose("stop")
    codes = {name: each["State"]["ExitCode"] for name, each in stack.containers().items()}
    ours = {name: code for name, code in codes.items() if name.partition("-")[0] in SERVICES}
    assert set(ours.values()) == {0}, ours
    stack.compose("up", "--detach")
    stack.wait_until_healthy()


def test_c7_down_leaves_nothing_behind(stack: Stack) -> None:
    stack.remove()
    assert not stack.containers()
    assert not stack.leftovers()


def test_auth_runs_alone_beside_a_registry_of_ones_own(stack: Stack, tmp_path: Path) -> None:
    stack.remove()
    host = f"127.0.0.1:{free_port()}"
    own = {"PORTUS_REGISTRY_HOST": host, "PORTUS_REGISTRY_URL": f"http://{host}"}
    alone = Stack(compose_programs()[0], tmp_path, "portusalone", own)
    try:
        alone.compose("up", "--detach", "edge", "auth", "auth-worker")
        alone.wait_until_healthy("auth", "edge")
        ours = {"auth", "auth-worker", "auth-migrate"}
        assert set(alone.containers()) == {"edge", *ours, "postgres", "prepare"}
        alone.set_up()
        wait_until(lambda: requests.get(f"{alone.url}/", timeout=30).status_code == 502, 30)
        printed = alone.compose("run", "--rm", "-T", "prepare", "registry-config")
        with registry_of_ones_own(alone, host, printed, tmp_path / "registry"):
            reference = alone.make_image("ada/mine", at=host)
            with pytest.raises(Failed, match=r"denied|unauthorized"):
                alone.docker("push", reference)
            alone.log_in(*ADMIN, at=host)
            alone.docker("push", reference)
            alone.docker("rmi", reference)
            alone.docker("pull", reference)
    finally:
        alone.remove()


@contextmanager
def registry_of_ones_own(stack: Stack, host: str, printed: str, folder: Path) -> Iterator[None]:
    """Run a plain registry with what `prepare registry-config` says to add."""
    said = [line for line in printed.splitlines() if not line.startswith("#")]
    sections, _, pem = "\n".join(said).partition("-----BEGIN")
    config = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": "/var/lib/registry"}},
        "http": {"addr": ":5000"},
        "auth": yaml.safe_load(sections)["auth"],
    }
    folder.mkdir()
    (folder / "ca.pem").write_text(f"-----BEGIN{pem}")
    (folder / "config.yml").write_text(json.dumps(config))
    settings = ("--volume", f"{folder}:/etc/portus:ro", "--publish", f"{host}:5000")
    command = ("run", "--detach", *settings, "registry:2", "serve", "/etc/portus/config.yml")
    container = stack.docker(*command).strip()
    try:
        port = int(host.rpartition(":")[2])
        wait_until(lambda: is_listening(port), 30, what="the registry listens")
        yield
    finally:
        stack.docker("rm", "--force", "--volumes", container)
