"""Where a registry is: the address that services use, and the one that people type."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

HOST_MAX: Final = 255
_PORT_MAX: Final = 65_535
_host: Final = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?"
)


def faults_of_host(host: str) -> list[str]:
    """Say what is wrong with ``host`` or ``host:port``."""
    if not host:
        return ["can't be blank"]
    if len(host) > HOST_MAX:
        return [f"is too long (maximum is {HOST_MAX} characters)"]
    found = _host.fullmatch(host)
    sound = found is not None and int(found[1] or 1) <= _PORT_MAX and found[1] != "0"
    return [] if sound else ["must be a host name or address, with or without :port"]


def host_of(url: str) -> str:
    """Return the ``host:port`` of a registry's URL."""
    return urlsplit(url).netloc


def uses_tls(url: str) -> bool:
    """Tell whether a registry is spoken to with TLS."""
    return urlsplit(url).scheme == "https"


def moved(url: str, host: str | None, *, tls: bool | None) -> str:
    """Return a registry's URL with another host, or with and without TLS; None leaves either."""
    parts = urlsplit(url)
    scheme = parts.scheme if tls is None else ("https" if tls else "http")
    return parts._replace(scheme=scheme, netloc=host or parts.netloc).geturl()
