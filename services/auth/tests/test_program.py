"""Settings, the command line, and what says whether auth is well."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from services.auth.tests.people import ADMIN, PASSWORD, Caller, People, basic

from portus_auth.app import Auth, build
from portus_auth.config import read
from portus_shared.authority import CertificateAuthority
from portus_shared.config import InvalidSettings
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, wait_until

COMMAND = (sys.executable, "-c", "from portus_auth.cli import main; main()")
README = Path(__file__).parents[1] / "README.md"


def portus_auth(
    environ: dict[str, str], *arguments: str, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the command line as an operator does."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**surroundings(), **environ},
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def surroundings() -> dict[str, str]:
    """Return what a program needs to start, and no setting of ours."""
    names = ("PATH", "PYTHONPATH")
    return {name: os.environ[name] for name in names if name in os.environ}


def test_all_faults_of_the_settings_are_told_at_once() -> None:
    with pytest.raises(InvalidSettings) as caught:
        read({"PORTUS_REGISTRY_URL": "nowhere", "PORTUS_PULL_TOKEN_S": "5"})
    faults = "\n".join(caught.value.faults)
    for name in ("REGISTRY_URL", "PULL_TOKEN_S", "SYNC_SECRET", "CA_KEY_FILE", "DATABASE_URL"):
        assert f"PORTUS_{name} " in faults


def test_secrets_are_never_printed(environ: dict[str, str]) -> None:
    assert "the secret of" not in repr(read(environ))


def test_every_setting_is_documented() -> None:
    source = (Path(__file__).parents[1] / "src/portus_auth/config.py").read_text()
    documented = README.read_text()
    for name in ("CA_KEY_FILE", "HASH_KEY", "OPEN_BOOTSTRAP", "SETUP_CODE_FILE"):
        assert name in source
    for line in source.splitlines():
        if "reader." in line and '("' in line:
            name = line.partition('("')[2].partition('"')[0]
            assert f"PORTUS_{name}" in documented, name


def test_auth_is_live_and_ready(nobody: Caller) -> None:
    assert nobody.get("/live").status_code == 200
    assert nobody.get("/ready").json == {"status": "ok", "parts": {"facts": "ok"}}
    assert b"portus_http_request_seconds" in nobody.get("/metrics").data


def test_a_hash_key_of_the_settings_is_used(environ: dict[str, str], auth: Auth) -> None:
    other = build(read(environ | {"PORTUS_HASH_KEY": "k" * 32}), database=auth.database)
    assert other.secrets.hashes.of("x") != auth.secrets.hashes.of("x")
    other.secrets.passwords.close()


def test_an_operator_migrates_checks_and_creates_an_admin(environ: dict[str, str]) -> None:
    assert portus_auth(environ, "check-config").returncode == 1
    assert portus_auth(environ, "migrate", "--wait").returncode == 0
    assert portus_auth(environ, "check-config").returncode == 0
    secret = "a long password"
    arguments = ("create-admin", "root", "root@example.org")
    made = portus_auth(environ, *arguments, given=f"{secret}\n{secret}\n")
    assert made.returncode == 0, made.stderr
    assert secret not in made.stdout + made.stderr
    again = portus_auth(environ, *arguments, "--password", secret)
    assert again.returncode == 1
    assert "username: has already been taken" in again.stderr
    assert "generation" in portus_auth(environ, "republish").stdout
    assert portus_auth({}, "migrate").returncode == 2


def test_the_set_up_code_is_waited_for_until_the_first_start_has_made_one(
    environ: dict[str, str],
) -> None:
    with ThreadPoolExecutor(1) as one:
        asked = one.submit(portus_auth, environ, "setup-code")
        assert portus_auth(environ, "setup-code", "--wait", "0").stderr.startswith("There is no")
        assert portus_auth(environ, "migrate").returncode == 0
        auth = build(read(environ))
        told = asked.result()
    code = told.stdout.strip()
    assert (told.returncode, told.stderr) == (0, "enter it at http://portus.test/setup\n")
    body = {"user": ADMIN, "setup_code": code}
    assert Caller(auth).post("/api/v1/users/bootstrap", json=body).status_code == 201
    auth.close()
    over = portus_auth(environ, "setup-code")
    assert (over.returncode, over.stderr[:28]) == (1, "There is an account already:")
    nowhere = portus_auth({**environ, "PORTUS_SETUP_CODE_FILE": ""}, "setup-code")
    assert (nowhere.returncode, "The code is in the log" in nowhere.stderr) == (1, True)


def test_a_new_password_is_set_for_somebody_who_exists(
    environ: dict[str, str], auth: Auth, people: People
) -> None:
    alice = people["alice"]
    assert portus_auth(environ, "reset-password", "alice", "--password", "short").returncode == 1
    done = portus_auth(environ, "reset-password", "alice", "--password", "a newer password")
    assert (done.returncode, done.stdout) == (0, "alice has a new password\n")
    caller = Caller(auth, basic("alice", "a newer password"))
    assert caller.get(f"/api/v1/users/{alice.id}").status_code == 200
    unknown = portus_auth(environ, "reset-password", "nobody", "--password", "a newer password")
    assert (unknown.returncode, unknown.stderr) == (1, "There is no user 'nobody'\n")


def test_commands_say_what_is_missing(environ: dict[str, str]) -> None:
    for command in (
        ("republish",),
        ("create-admin", "root", "r@example.org", f"--password={PASSWORD}"),
    ):
        answer = portus_auth(environ, *command)
        assert answer.returncode == 1
        assert answer.stderr == "the schema is not up to date, run portus-auth migrate\n"
    nowhere = {**environ, "PORTUS_DATABASE_URL": "postgresql://127.0.0.1:1/portus"}
    answer = portus_auth(nowhere, "republish")
    assert (answer.returncode, answer.stderr) == (1, "the database does not answer\n")


def test_the_keys_are_shown_and_the_certificate_is_written(
    environ: dict[str, str], tmp_path: Path
) -> None:
    none = portus_auth(environ, "keys")
    assert none.returncode == 1
    assert "There is no" in none.stderr
    certificate = Path(environ["PORTUS_CA_CERT_FILE"])
    ca = CertificateAuthority.load_or_create(certificate, Path(environ["PORTUS_CA_KEY_FILE"]))
    bundle = tmp_path / "bundle.pem"
    shown = portus_auth(environ, "keys", "--write", str(bundle))
    assert shown.returncode == 0, shown.stderr
    assert f"sha256 fingerprint: {ca.fingerprint}\n" in shown.stdout
    assert bundle.read_bytes() == ca.pem
    assert "PRIVATE" not in shown.stdout
    refused = portus_auth(environ, "keys", "--write", str(tmp_path / "missing" / "bundle.pem"))
    assert (refused.returncode, "cannot be written" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    "command", ["create-admin", "setup-code", "reset-password", "republish", "keys", "check-config"]
)
def test_every_command_explains_itself(command: str) -> None:
    helped = portus_auth({}, command, "--help")
    assert helped.returncode == 0
    assert f"{command} [OPTIONS]" in helped.stdout


def test_wrong_arguments_and_settings_end_with_2() -> None:
    assert portus_auth({}, "keys", "--what").returncode == 2
    without_settings = portus_auth({}, "keys")
    assert without_settings.returncode == 2
    assert "PORTUS_DATABASE_URL is required" in without_settings.stderr


def test_an_admin_of_the_command_line_can_sign_in(
    environ: dict[str, str], auth: Auth, people: People
) -> None:
    del people
    arguments = ("create-admin", "second", "second@example.org", "--password", "a long password")
    assert portus_auth(environ, *arguments).returncode == 0
    caller = Caller(auth, basic("second", "a long password"))
    assert caller.get("/api/v1/users").status_code == 200


def test_a_process_that_is_ended_writes_the_last_uses_of_tokens(
    environ: dict[str, str], people: People, tmp_path: Path
) -> None:
    alice = people["alice"]
    listen = f"127.0.0.1:{free_port()}"
    settings = {**surroundings(), **environ, "PORTUS_LISTEN": listen}
    with Process([*COMMAND, "web"], log=tmp_path / "web.log", env=settings) as web:
        wait_until(lambda: _is_live(listen), 30, what="auth answers")
        asked = Request(f"http://{listen}/v2/token", headers=basic("alice", alice.token))
        with urlopen(asked) as answer:
            assert answer.status == 200
        assert web.stop() == 0
    (token,) = people.root.get(f"/api/v1/users/{alice.id}/application_tokens").json
    assert (token["application"], token["last_used_address"]) == ("test", "127.0.0.1")


def _is_live(listen: str) -> bool:
    try:
        with urlopen(f"http://{listen}/live") as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
