"""The data directory: who may use it, which version wrote it, and the secrets in it.

Everything that outlives a run is here. The directory is 0700 and its secrets 0600: whoever reads
them can sign tokens.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from portus_standalone.refusal import Refusal

STATE_VERSION: Final = 1
"""Grows when an older Portus could not use the directory any more."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Secrets:
    """What the parts of Portus prove themselves to each other with."""

    sync: str
    catalog: str
    ui: str
    webhook: str
    registry_http: str
    broker: str


class State:
    """The files below one data directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()

    @property
    def ca_cert(self) -> Path:
        """The certificate that registries check tokens with."""
        return self.directory / "keys" / "ca.pem"

    @property
    def ca_key(self) -> Path:
        """The private key of that certificate."""
        return self.directory / "keys" / "ca.key"

    @property
    def setup_code(self) -> Path:
        """The one-time code for the first admin, while there is none."""
        return self.directory / "setup-code"

    @property
    def facts(self) -> Path:
        """What auth knows, sealed, for a start while its database is away."""
        return self.directory / "facts"

    @property
    def options(self) -> Path:
        """How Portus was run last: what commands about its services go by."""
        return self.directory / "options.json"

    @property
    def logs(self) -> Path:
        """Where the children's output goes."""
        return self.directory / "log"

    @property
    def registry(self) -> Path:
        """The private registry's images and configuration."""
        return self.directory / "registry"

    @property
    def broker(self) -> Path:
        """The private RabbitMQ's home."""
        return self.directory / "broker"

    @property
    def front(self) -> Path:
        """The configuration and scratch files of the nginx before the services."""
        return self.directory / "front"

    @property
    def bells(self) -> Path:
        """The sockets by which a service's processes wake each other."""
        return self.directory / "bells"

    @property
    def ports(self) -> Path:
        """On which ports of this machine the parts of the distributed form answer."""
        return self.directory / "ports.json"

    @property
    def programs(self) -> Path:
        """Programs that were fetched."""
        return self.directory / "bin"

    def database(self, service: str) -> Path:
        """Return the SQLite file of one service."""
        return self.directory / f"{service}.db"

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Make and lock the directory for one run; raise `Refusal` when it cannot be used.

        The kernel drops the lock with the process, so a killed run never leaves one behind.
        """
        self.make_directory()
        with (self.directory / "portus.lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Refusal(
                    f"another `portus up` already uses {self.directory}. "
                    "Stop it, or choose another directory with --data DIR."
                ) from error
            self._claim_version()
            yield

    def secrets(self) -> Secrets:
        """Return the secrets, making those that are missing."""
        file = self.directory / "secrets.json"
        names = [field.name for field in fields(Secrets)]
        with (self.directory / "secrets.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
            missing = {name: secrets.token_urlsafe(32) for name in names if name not in known}
            if missing:
                write_private(file, json.dumps({**known, **missing}, indent=1))
        return Secrets(**{name: {**known, **missing}[name] for name in names})

    def make_directory(self) -> None:
        """Make the directory, for its owner alone; raise `Refusal` when that fails."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.directory.chmod(0o700)
        except OSError as error:
            raise Refusal(
                f"cannot use {self.directory}: {error.strerror}. "
                "Choose another directory with --data DIR."
            ) from error

    def _claim_version(self) -> None:
        file = self.directory / "state_version"
        found = file.read_text().strip() if file.exists() else str(STATE_VERSION)
        if not found.isdigit() or int(found) > STATE_VERSION:
            raise Refusal(
                f"{self.directory} was written by a newer Portus (state version {found}, this "
                f"one knows {STATE_VERSION}). Run that version, or choose another --data DIR."
            )
        write_private(file, f"{STATE_VERSION}\n")


def write_private(file: Path, text: str) -> None:
    """Replace `file` in one step; only its owner may read it."""
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:  # mkstemp makes it 0600
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    Path(draft).replace(file)
