"""What a person asked of `./portus up`, as one value that also travels to the server process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from portus_standalone.addresses import Address

THREADS: Final = 128
"""Requests served at the same time; an open page holds one for its live stream."""
_VARIABLE: Final = "PORTUS_STANDALONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run. `registry_url` names a registry that runs elsewhere; `bus` and `database` are
    URLs, None for a bus of our own and for SQLite files. `front` is what stands before the
    services of the distributed form, None for nginx where it is installed.
    """  # noqa: D205

    data: Path
    listen: Address
    registry_listen: Address
    registry_url: str | None = None
    registry_binary: Path | None = None
    public_host: str | None = None
    bus: str | None = None
    database: str | None = None
    distributed: bool = False
    front: str | None = None

    @property
    def public_url(self) -> str:
        """The origin that browsers and clients use."""
        return f"http://{self.listen.reachable_as(self.public_host)}"

    @property
    def internal_url(self) -> str:
        """The origin as programs on this machine reach it."""
        return f"http://{_nearby(self.listen)}"

    @property
    def registry_internal_url(self) -> str:
        """Where sync reaches the registry."""
        return self.registry_url or f"http://{_nearby(self.registry_listen)}"

    @property
    def registry_host(self) -> str:
        """The ``host:port`` that image references start with."""
        if self.registry_url:
            return urlsplit(self.registry_url).netloc
        return str(self.registry_listen.reachable_as(self.public_host))

    def to_environ(self) -> dict[str, str]:
        """Return the variables that `from_environ` reads."""
        return {_VARIABLE: self.to_json()}

    def to_json(self) -> str:
        """Return what `from_json` reads."""
        fields = {
            "data": str(self.data),
            "listen": str(self.listen),
            "registry_listen": str(self.registry_listen),
            "registry_url": self.registry_url,
            "registry_binary": None,
            "public_host": self.public_host,
            "bus": self.bus,
            "database": self.database,
            "distributed": self.distributed,
            "front": self.front,
        }
        return json.dumps(fields)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Options:
        """Read what the runner passed on."""
        return cls.from_json(environ[_VARIABLE])

    @classmethod
    def from_json(cls, text: str) -> Options:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        fields["data"] = Path(fields["data"])
        fields["listen"] = Address.parse(fields["listen"])
        fields["registry_listen"] = Address.parse(fields["registry_listen"])
        return cls(**fields)


def _nearby(address: Address) -> Address:
    if not address.is_wildcard:
        return address
    return Address(host="::1" if ":" in address.host else "127.0.0.1", port=address.port)
