"""The services' programs with the settings that the manifests would give them."""

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
HOST: Final = "127.0.0.1:8080"

Environ = dict[str, str]


def settings_of(service: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Environ:
    """Return what the manifests would set, with a broker and a registry that do not answer."""
    monkeypatch.setattr(prepare, "MADE", folder)
    files = prepare.contents(URL, HOST)[service]
    for name, text in files.items():
        (folder / name).write_text(text)
    own = {
        "PORTUS_PUBLIC_URL": URL,
        "PORTUS_REGISTRY_URL": "http://127.0.0.1:1",
        "PORTUS_REGISTRY_EXTERNAL_HOST": HOST,
        "PORTUS_BUS_URL": f"amqp://portus:portus@127.0.0.1:{free_port()}/",
        "PORTUS_LISTEN": f"127.0.0.1:{free_port()}",
        "PORTUS_CA_CERT_FILE": str(folder / "ca.pem"),
        "PORTUS_CA_KEY_FILE": str(folder / "ca-key.pem"),
    }
    secrets = {
        f"PORTUS_{name.upper().replace('-', '_')}": text
        for name, text in files.items()
        if name.endswith(("-secret", "-key"))
    }
    return {"PATH": os.environ["PATH"], **own, **secrets}


def program(service: str) -> str:
    return str(Path(sys.executable).parent / f"portus-{service}")


def run(service: str, environ: Mapping[str, str], *arguments: str) -> str:
    """Return all that a command said; raises `AssertionError` with it unless it ended with 0."""
    done = subprocess.run(
        [program(service), *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def start(
    service: str,
    environ: Mapping[str, str],
    log: Path,
    *arguments: str,
    until: str = "/live",
    user: str | None = None,
) -> Process:
    """Start a program, `web` unless `arguments` say otherwise, and wait until a path is 200.

    It has no HOME, and a working directory in which it should leave nothing.
    """
    command = [program(service), *(arguments or ("web",))]
    process = Process(command, log=log, env=environ, cwd=Path("/"), user=user)
    try:
        wait_until(lambda: status(environ, until) == 200, 60, what=f"{service} answers {until}")
    except AssertionError as error:
        process.kill()
        raise AssertionError(f"{error}\n{process.output()}") from error
    return process


def status(environ: Mapping[str, str], path: str) -> int:
    """Return how a program answers a path, 0 while it does not."""
    try:
        return requests.get(f"http://{environ['PORTUS_LISTEN']}{path}", timeout=30).status_code
    except requests.ConnectionError:
        return 0
