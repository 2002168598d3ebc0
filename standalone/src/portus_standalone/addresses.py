"""Where something listens: parsing, printing and checking ``HOST:PORT``."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket
import time
from dataclasses import dataclass
from typing import Final

from portus_standalone.refusal import Refusal

_LARGEST_PORT: Final = 65535
_DYING_CHILDREN_S: Final = 2.0
_AGAIN_S: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A host (name or IP address, without brackets) and a TCP port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read ``HOST:PORT`` or ``[IPv6]:PORT``; raise `ValueError` with a sentence."""
        host, colon, port = text.rpartition(":")
        if not colon or not host or not port.isascii() or not port.isdigit():
            raise ValueError(f"{text!r} is not HOST:PORT, for example 127.0.0.1:8080")
        if not 0 < int(port) <= _LARGEST_PORT:
            raise ValueError(f"{port} is not a port between 1 and {_LARGEST_PORT}")
        if ":" in host and not (host.startswith("[") and host.endswith("]")):
            raise ValueError(f"{text!r}: write an IPv6 address in brackets, as [::1]:8080")
        return cls(host=host.strip("[]"), port=int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_wildcard(self) -> bool:
        """Tell whether this means every address of the machine."""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host).is_unspecified
        return False

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine reaches it."""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"

    def reachable_as(self, public_host: str | None) -> Address:
        """Return the address that other programs use for it."""
        if public_host:
            return Address(host=public_host, port=self.port)
        if self.is_wildcard:
            return Address(host=socket.getfqdn(), port=self.port)
        return self

    def require_free(self, option: str) -> None:
        """Raise `Refusal`, naming `option`, unless a server can listen here."""
        if (problem := self.obstacle()) is not None:
            raise Refusal(_sentence(self, problem, option))

    def obstacle(self) -> OSError | None:
        """Return why no server can listen here, None when one can.

        Children of a killed runner are dying when the next one starts, so a busy port is asked
        again for a moment.
        """
        deadline = time.monotonic() + _DYING_CHILDREN_S
        while (problem := _bind(self)) is not None:
            if problem.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                return problem
            time.sleep(_AGAIN_S)
        return None


def _bind(address: Address) -> OSError | None:
    """Return why a server could not listen there, None when it could."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        return error
    return None


def _sentence(address: Address, problem: OSError, option: str) -> str:
    if problem.errno == errno.EADDRINUSE:
        return (
            f"{address} is in use by another program. "
            f"Stop that program, or choose another address with {option} HOST:PORT."
        )
    return (
        f"cannot listen on {address}: {problem.strerror}. "
        f"Choose another address with {option} HOST:PORT."
    )
