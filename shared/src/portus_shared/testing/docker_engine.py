"""A Docker engine with directories of its own, and its client `docker`.

The engine sets up no network and runs no container, so it works inside most containers too. It
treats registries on 127.0.0.1 as ones that may speak plain HTTP.
"""

import shutil
import tempfile
from pathlib import Path
from typing import ClassVar, Final, Self

from portus_shared.testing.containerd import Containerd
from portus_shared.testing.image_clients import (
    PLATFORMS,
    ImageClient,
    Outcome,
    run_command,
    version_of,
)
from portus_shared.testing.images import tar_of
from portus_shared.testing.missing import find_program, need_root
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import wait_until

_INSTALL: Final = "docker.io"
_STOP_S: Final = 20


class DockerEngine:
    """A private dockerd on a given containerd; raises `NotInstalled` without it or without root."""

    def __init__(self, containerd: Containerd) -> None:
        program = find_program(["dockerd"], component="docker engine", install=_INSTALL)
        self.docker: Final = find_program(["docker"], component="docker", install=_INSTALL)
        need_root("docker engine", _INSTALL)
        # Not below pytest's directories: the name of a socket may be 107 bytes long.
        self._directory = Path(tempfile.mkdtemp(prefix="portus-docker-"))
        self.version: Final = version_of(program)
        self.address: Final = f"unix://{self._directory}/socket"
        self._process = Process(self._command(program, containerd), log=self._directory / "log")
        wait_until(self._answers, 30, what="the docker engine answers")

    def stop(self) -> None:
        """End the engine and remove its directories."""
        self._process.stop(_STOP_S)
        shutil.rmtree(self._directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _command(self, program: Path, containerd: Containerd) -> list[str]:
        """Return the command; the machine's own configuration file is not read."""
        settings = self._directory / "daemon.json"
        settings.write_text("{}")
        own = [f"--config-file={settings}", f"--pidfile={self._directory}/pid"]
        own += [f"--data-root={self._directory}/data", f"--exec-root={self._directory}/exec"]
        own += [f"--host={self.address}", f"--containerd={containerd.socket}"]
        no_network = ["--bridge=none", "--iptables=false", "--ip6tables=false"]
        # It mounts its data directory on itself: nobody else needs to see that, or clean it up.
        alone = [str(find_program(["unshare"], component="unshare", install="util-linux"))]
        return [*alone, "--mount", str(program), *own, *no_network, "--storage-driver=vfs"]

    def _answers(self) -> bool:
        if not self._process.is_running:
            raise RuntimeError(f"the docker engine ended at once:\n{self._process.output()}")
        return run_command([self.docker, "--host", self.address, "info"], {}).succeeded


class Docker(ImageClient):
    """`docker` with a configuration of one's own; its version is the engine's."""

    name: ClassVar = "docker"

    def __init__(self, engine: DockerEngine, home: Path) -> None:
        super().__init__(home)
        self._engine = engine

    @property
    def version(self) -> str:
        return self._engine.version

    def login(self, host: str, credentials: str) -> Outcome:
        user, _, password = credentials.partition(":")
        return self._run("login", "--username", user, "--password-stdin", host, told=password)

    def build(self, reference: str, text: str) -> None:
        self._import(reference, text)

    def build_index(self, reference: str, text: str) -> None:
        parts = []
        for platform in PLATFORMS:
            part = f"{reference}-{platform.architecture}"
            self._import(part, f"{text} {platform}")
            self.push(part).required()
            parts.append(part)
        self._run("manifest", "create", "--insecure", reference, *parts).required()
        for platform, part in zip(PLATFORMS, parts, strict=True):
            # An engine imports for its own platform only.
            what = ["--os", platform.os, "--arch", platform.architecture]
            self._run("manifest", "annotate", *what, reference, part).required()

    def tag(self, source: str, target: str) -> None:
        self._run("tag", source, target).required()

    def push(self, reference: str) -> Outcome:
        return self._run("push", reference)

    def push_index(self, reference: str) -> Outcome:
        return self._run("manifest", "push", "--insecure", "--purge", reference)

    def pull(self, reference: str) -> Outcome:
        return self._run("pull", reference)

    def has(self, reference: str) -> bool:
        return self._run("image", "inspect", reference).succeeded

    def _import(self, reference: str, text: str) -> None:
        files = self.home / "files.tar"
        files.write_bytes(tar_of(text))
        self._run("import", str(files), reference).required()

    def _run(self, *arguments: str, told: str | None = None) -> Outcome:
        own = {"DOCKER_CONFIG": str(self.home), "DOCKER_HOST": self._engine.address}
        return run_command([self._engine.docker, *arguments], own, told=told)
