"""A real Docker registry (Distribution), with its program fetched when Debian can give it."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import requests

from portus_shared.testing.missing import NotInstalled, find_program
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, wait_until

_INSTALL: Final = "docker-registry"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAuth:
    """Where the registry sends clients for a token, and whose tokens it believes."""

    realm: str
    service: str
    issuer: str
    root_cert_bundle: Path

    def section(self) -> dict[str, Any]:
        """Return the `auth` section of the registry's configuration."""
        names = {"realm": self.realm, "service": self.service, "issuer": self.issuer}
        return {"token": {**names, "rootcertbundle": str(self.root_cert_bundle)}}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyEndpoint:
    """Where the registry posts its notifications."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def section(self) -> dict[str, Any]:
        """Return one endpoint of the registry's `notifications` section."""
        return {
            "name": "portus",
            "url": self.url,
            "headers": {name: [value] for name, value in self.headers.items()},
            "timeout": "2s",
            "threshold": 3,
            "backoff": "1s",
        }


class Registry:
    """One running registry; `host` is what image references start with."""

    def __init__(
        self,
        binary: Path,
        directory: Path,
        *,
        port: int | None = None,
        auth: TokenAuth | None = None,
        notify: Sequence[NotifyEndpoint] = (),
        deletes: bool = True,
    ) -> None:
        self._binary = binary
        self._directory = directory
        self.port = port or free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        directory.mkdir(parents=True, exist_ok=True)
        self._config = directory / "config.yml"
        self._config.write_text(
            json.dumps(self._configuration(auth, notify, deletes=deletes), indent=1)
        )
        self.process = self._start()

    def kill(self) -> None:
        """End the registry as a crash would; what it had not yet notified is lost."""
        self.process.kill()

    def start_again(self) -> None:
        """Start the registry on the same port and data."""
        self.process = self._start()

    def stop(self) -> None:
        """End the registry."""
        if self.process.is_running:
            self.process.stop(5)

    def garbage_collect(self) -> str:
        """Run the registry's own garbage collection and return what it printed."""
        command = [str(self._binary), "garbage-collect", str(self._config)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
        return done.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> Process:
        command = [str(self._binary), "serve", str(self._config)]
        process = Process(command, log=self._directory / "log", env=_without_registry_settings())

        def answers() -> bool:
            if not process.is_running:
                raise RuntimeError(f"the registry ended at once:\n{process.output()}")
            return _speaks_registry(self.url)

        wait_until(answers, 20, what=f"registry answers on {self.url}")
        return process

    def _configuration(
        self, auth: TokenAuth | None, notify: Sequence[NotifyEndpoint], *, deletes: bool
    ) -> dict[str, Any]:
        configuration: dict[str, Any] = {
            "version": 0.1,
            "log": {"level": "info", "accesslog": {"disabled": True}},
            "storage": {
                "filesystem": {"rootdirectory": str(self._directory / "storage")},
                "delete": {"enabled": deletes},
                "maintenance": {"uploadpurging": {"enabled": False}},
            },
            "http": {"addr": self.host, "secret": "only-for-this-test"},
        }
        if auth:
            configuration["auth"] = auth.section()
        if notify:
            configuration["notifications"] = {"endpoints": [each.section() for each in notify]}
        return configuration


def find_registry() -> Path:
    """Return a registry program: on PATH, else Debian's package unpacked into the user's cache.

    Raises `NotInstalled` when neither is to be had. `PORTUS_TEST_REGISTRY` names another one, to
    run the tests against another generation of the registry.
    """
    names = [os.environ.get("PORTUS_TEST_REGISTRY", ""), "docker-registry", "registry"]
    try:
        return find_program(filter(None, names), component="registry", install=_INSTALL)
    except NotInstalled:
        return unpacked_package()


def cache_directory() -> Path:
    """Return where programs are kept that were fetched for the tests."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "portus"


def unpacked_package() -> Path:
    """Return the program of Debian's package, downloaded once; raises `NotInstalled`."""
    cache = cache_directory()
    program = cache / "docker-registry"
    if not program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            _download_package(Path(scratch))
            # Renamed, so that a parallel test process sees all of it or nothing.
            (Path(scratch) / "usr/bin/docker-registry").replace(program)
    return program


def _download_package(scratch: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise NotInstalled("registry", _INSTALL)
    try:
        if os.geteuid() == 0:
            _run_quietly(scratch, "apt-get", "update")
        _run_quietly(scratch, "apt-get", "download", _INSTALL)
        _run_quietly(scratch, "dpkg-deb", "-x", str(next(scratch.glob("*.deb"))), ".")
    except (subprocess.SubprocessError, StopIteration) as error:
        raise NotInstalled("registry", _INSTALL) from error


def _run_quietly(directory: Path, *command: str) -> None:
    subprocess.run(command, cwd=directory, check=True, capture_output=True, timeout=300)


def _speaks_registry(url: str) -> bool:
    try:
        answer = requests.get(f"{url}/v2/", timeout=2)
    except requests.RequestException:
        return False
    return answer.headers.get("Docker-Distribution-Api-Version") == "registry/2.0"


def _without_registry_settings() -> dict[str, str]:
    """Return our environment without REGISTRY_*, which would override the configuration."""
    return {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
