"""docker-compose.yml of a fresh clone, run by one generation of Compose on the engine at hand."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests

from portus_shared.testing.images import tar_of
from portus_shared.testing.waiting import free_port, wait_until

ROOT: Final = Path(__file__).resolve().parents[2]
PASSWORD: Final = "correct horse battery"
ADMIN: Final = ("ada", PASSWORD)
_LONGEST_S: Final = 900


class Failed(AssertionError):
    """Show a command that failed with what it said."""


def run(*command: str, told: bytes = b"", **options: Any) -> str:
    """Return what `command` wrote; raises `Failed` with all of it when it did not succeed."""
    done = subprocess.run(
        command, input=told, capture_output=True, check=False, timeout=_LONGEST_S, **options
    )
    output: str = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace")
        raise Failed(f"{' '.join(command)}: {done.returncode}\n{output[-4000:]}\n{said[-8000:]}")
    return output


def compose_programs() -> list[str]:
    """Return the Compose commands to test: PORTUS_TEST_COMPOSE (several with ``:``) or one."""
    asked = os.environ.get("PORTUS_TEST_COMPOSE", "docker-compose")
    return [program for program in asked.split(os.pathsep) if program]


class Stack:
    """One project of Compose; `environment` is what a person would export."""

    def __init__(
        self, compose: str, directory: Path, name: str, environment: Mapping[str, str]
    ) -> None:
        self.tree: Final = directory / "portus"
        run("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(self.tree))
        self.name: Final = name
        self.host: Final = f"127.0.0.1:{free_port()}"
        self.url: Final = f"http://{self.host}"
        self._compose = [*compose.split(), "--project-name", name]
        own = {"PORTUS_PUBLIC_URL": self.url, "PORTUS_EDGE": self.host}
        own |= {"DOCKER_CONFIG": str(directory / "docker")}
        self._environment = {**os.environ, **own, **environment}

    @contextmanager
    def exported(self, name: str, value: str) -> Iterator[None]:
        """Add a variable to what a person has exported."""
        before, self._environment = self._environment, {**self._environment, name: value}
        try:
            yield
        finally:
            self._environment = before

    def compose(self, *arguments: str) -> str:
        return run(*self._compose, *arguments, cwd=self.tree, env=self._environment)

    def docker(self, *arguments: str, told: str = "") -> str:
        return run("docker", *arguments, told=told.encode(), env=self._environment)

    def containers(self) -> dict[str, Any]:
        """Return what the engine knows of every container, by the name of its service."""
        ids = self.docker(
            "ps", "--all", "--quiet", f"--filter=label=com.docker.compose.project={self.name}"
        )
        if not ids.split():
            return {}
        found = json.loads(self.docker("inspect", *ids.split()))
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in found}

    def wait_until_healthy(self, *services: str) -> None:
        wait_until(lambda: self._is_healthy(services), 240, what=f"{self.name} is healthy")

    def set_up(self) -> None:
        """Make the first admin with the code that auth wrote."""
        code = self.compose("exec", "-T", "auth", "portus-auth", "setup-code").strip()
        person = {"username": ADMIN[0], "email": "ada@example.org", "password": PASSWORD}
        path = f"{self.url}/api/v1/users/bootstrap"
        answer = requests.post(path, json={"setup_code": code, **person}, timeout=30)
        assert answer.status_code == 201 or answer.ok, answer.text

    def log_in(self, user: str, password: str, *, at: str = "") -> None:
        there = at or self.host
        self.docker("login", "--username", user, "--password-stdin", there, told=password)

    def make_image(self, repository: str, *, at: str = "") -> str:
        """Make an image in the engine and return its reference at this registry, or another."""
        reference = f"{at or self.host}/{repository}"
        packed = tar_of(reference)
        run("docker", "import", "-", reference, told=packed, env=self._environment)
        return reference

    def is_visible(self, repository: str) -> bool:
        params = {"full_name": repository}
        path = f"{self.url}/api/v1/repositories"
        answer = requests.get(path, params=params, auth=ADMIN, timeout=30)
        return answer.ok and [each["full_name"] for each in answer.json()] == [repository]

    def pushes_and_shows(self, repository: str) -> None:
        """Push an image and wait for the catalogue to have it."""
        self.docker("push", self.make_image(repository))
        wait_until(lambda: self.is_visible(repository), 60, what=f"{repository} is visible")

    def remove(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans")

    def leftovers(self) -> list[str]:
        """Return the names of volumes and networks that are still there."""
        label = f"--filter=label=com.docker.compose.project={self.name}"
        volumes = self.docker("volume", "ls", "--quiet", label)
        return [*volumes.split(), *self.docker("network", "ls", "--quiet", label).split()]

    def _is_healthy(self, services: Sequence[str]) -> bool:
        states = {name: each["State"] for name, each in self.containers().items()}
        if broken := [name for name, state in states.items() if state["ExitCode"] not in (0, 137)]:
            raise Failed(f"{broken}: {self.compose('logs', '--tail=40', *broken)}")
        wanted = services or [name for name in states if not re.search("migrate|prepare", name)]
        return all(
            name in states
            and states[name]["Running"]
            and states[name].get("Health", {"Status": "healthy"})["Status"] == "healthy"
            for name in wanted
        )
