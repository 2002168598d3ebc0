"""A product whose parts are killed one by one, and what must work again each time."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import requests
from tests.chaos.pushing import PushFailed, Pushing
from tests.e2e.product import Person, Product

from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import wait_until

RECOVERS_WITHIN_S: Final = 90
_COMMANDS: Final = {
    "auth": ("portus-auth", "web"),
    "sync": ("portus-sync", "web"),
    "catalog": ("portus-catalog", "web"),
    "ui": ("portus-ui", "web"),
    "auth-worker": ("portus-auth", "worker"),
    "sync-worker": ("portus-sync", "worker"),
    "catalog-worker": ("portus-catalog", "worker"),
    "rabbitmq": ("beam.smp",),
    "epmd": ("epmd",),
    "registry": ("serve",),
    "front": ("nginx.conf",),
}


@dataclass
class Site:
    """The product, its runner, and a person without special rights."""

    product: Product
    runner: Process
    ada: Person
    numbers: Any = field(default_factory=lambda: count(1))

    def kill(self, part: str) -> None:
        """Kill one process by SIGKILL and wait until the runner has noticed."""
        said = self._notices(part)
        os.kill(self._pid(part), signal.SIGKILL)
        wait_until(lambda: self._notices(part) > said, 10, what=f"the death of {part} is noticed")

    def works(self, pushing: Pushing) -> None:
        """Show that everything works: rights are changed, images pushed and seen, pages read.

        A new namespace and a push into it that an ordinary member sees take every part of
        Portus: auth tells catalog by its worker and the broker, the registry tells sync, its
        worker tells catalog's, and all of it is asked for through the front.
        """
        name = f"works{next(self.numbers)}"
        self._soon(lambda: self._make_team(name), f"{name}: a team is made")
        repository, tag = f"{name}/app", "1"
        self._soon(lambda: self._pushed(pushing, repository, tag), f"{name}: an image is pushed")
        self._soon(
            lambda: self.product.get(f"/repositories?full_name={repository}", who=self.ada),
            f"{name}: a member sees the image",
        )
        page = f"{self.product.url}/explore"
        self._soon(lambda: requests.get(page, timeout=5).ok, f"{name}: the pages answer")

    def digests(self, repository: str) -> dict[str, str]:
        """Return what the catalogue says each tag is."""
        found = self.product.repository(repository)
        if found is None:
            return {}
        tags = self.product.get(f"/repositories/{found['id']}/tags?all=true")
        return {tag["name"]: tag["digest"] for tag in tags}

    def _make_team(self, name: str) -> bool:
        """Make a team with a namespace, of which ada is a member; parts of it may exist."""
        self.product.api("POST", "/teams", {"name": name})
        teams = self.product.get("/teams?all=true")
        team = next(each["id"] for each in teams if each["name"] == name)
        self.product.api("POST", f"/teams/{team}/members", {"user": "ada", "role": "contributor"})
        self.product.api("POST", "/namespaces", {"name": name, "team": name})
        return any(each["name"] == name for each in self.product.get("/namespaces?all=true"))

    def _pushed(self, pushing: Pushing, repository: str, tag: str) -> bool:
        try:
            return bool(pushing.push(repository, tag))
        except PushFailed:
            return False

    def _soon(self, condition: Callable[[], Any], what: str) -> None:
        """Wait until something works, whatever goes wrong meanwhile."""

        def holds() -> Any:
            try:
                return condition()
            except (AssertionError, StopIteration, requests.RequestException):
                return None

        try:
            wait_until(holds, RECOVERS_WITHIN_S, what=what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.product.logs()}") from error

    def _notices(self, part: str) -> int:
        return self.runner.output().count(f"\n{part} stopped unexpectedly")

    def _pid(self, part: str) -> int:
        """Return the process of a part: a child of the runner with the right command line."""
        children = Path(f"/proc/{self.runner.pid}/task/{self.runner.pid}/children").read_text()
        for pid in map(int, children.split()):
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            names = {Path(word).name for word in words}
            if set(_COMMANDS[part]) <= names:
                return pid
        raise AssertionError(f"{part} does not run")
