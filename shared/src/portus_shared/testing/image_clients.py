"""What every client of a registry can do, so that one test speaks to docker and podman alike.

An `ImageClient` is one person at one client. References are `host:port/name:tag`, registries
speak plain HTTP, images are built without a network, and nothing of the machine's own
configuration, storage or sign-ins is read or changed.
"""

import os
import re
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from portus_shared.testing.images import Platform

PLATFORMS: Final = (Platform(), Platform(architecture="arm64"))
"""The platforms of every image that is built for several."""

_TIMEOUT_S: Final = 120
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended and what it said, errors included, in the order it was said."""

    exit_code: int
    said: str

    @property
    def succeeded(self) -> bool:
        """Tell whether the command claims success."""
        return self.exit_code == 0

    def required(self) -> str:
        """Return what was said; raises `AssertionError` with it when the command failed."""
        assert self.succeeded, f"exit status {self.exit_code}: {self.said}"
        return self.said


class ImageClient(ABC):
    """One person at one client; `home` is a directory for what the client remembers of them."""

    name: ClassVar[str]

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home

    @property
    @abstractmethod
    def version(self) -> str:
        """The version of the program that speaks to registries."""

    @abstractmethod
    def login(self, host: str, credentials: str) -> Outcome:
        """Sign in at a registry as `user:password`; until then nobody asks."""

    @abstractmethod
    def build(self, reference: str, text: str) -> None:
        """Make an image that contains `text`."""

    @abstractmethod
    def build_index(self, reference: str, text: str) -> None:
        """Make an image for all `PLATFORMS`. docker makes it in the registry, so sign in first."""

    @abstractmethod
    def tag(self, source: str, target: str) -> None:
        """Give an image that is here another name."""

    @abstractmethod
    def push(self, reference: str) -> Outcome:
        """Send an image of one platform."""

    @abstractmethod
    def push_index(self, reference: str) -> Outcome:
        """Send an image with all its platforms."""

    @abstractmethod
    def pull(self, reference: str) -> Outcome:
        """Fetch an image (of several platforms: at least this machine's)."""

    @abstractmethod
    def has(self, reference: str) -> bool:
        """Tell whether the image is here."""


def run_command(
    command: Sequence[str | Path], env: Mapping[str, str], *, told: str | None = None
) -> Outcome:
    """Run a command to its end with `env` added to ours and `told` as its input."""
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **env},
        input=told or "",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    return Outcome(exit_code=done.returncode, said=done.stdout.strip())


def version_of(program: Path) -> str:
    """Return the first number of three parts that `program --version` prints."""
    said = run_command([program, "--version"], {}).required()
    found = _VERSION.search(said)
    assert found, f"{program} does not tell its version: {said}"
    return found.group()
