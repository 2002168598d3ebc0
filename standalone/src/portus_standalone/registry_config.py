"""Configuration of the registry: a whole file for the private one, two sections for any other.

The private registry's file suits Distribution 2.7 and newer: 2.x ignores the options that only
3.x knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from portus_standalone.addresses import Address

TOKEN_PATH: Final = "/v2/token"  # noqa: S105 (an address)
WEBHOOK_PATH: Final = "/v2/webhooks/events"
ISSUER: Final = "portus-auth"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Attachment:
    """What ties a registry to one Portus.

    `public_url` is Portus as clients reach it, `notify_url` as the registry does; `service` is
    the registry's ``host:port`` as people type it.
    """

    public_url: str
    notify_url: str
    service: str
    ca_cert: Path
    webhook_secret: str


def attachment_sections(attachment: Attachment, major: int) -> dict[str, Any]:
    """Return the ``auth`` and ``notifications`` sections for Distribution `major` (2 or 3)."""
    token: dict[str, Any] = {
        "realm": attachment.public_url + TOKEN_PATH,
        "service": attachment.service,
        "issuer": ISSUER,
        "rootcertbundle": str(attachment.ca_cert),
    }
    if major >= 3:  # noqa: PLR2004 (the option came with that version)
        token["signingalgorithms"] = ["ES256"]
    endpoint = {
        "name": "portus",
        "url": attachment.notify_url + WEBHOOK_PATH,
        "headers": {"Authorization": [f"Bearer {attachment.webhook_secret}"]},
        "timeout": "5s",
        "threshold": 5,
        "backoff": "1s",
        # Layers are not images. Deletions carry no media type and still come.
        "ignoredmediatypes": ["application/octet-stream"],
    }
    return {
        "auth": {"token": token},
        "notifications": {"events": {"includereferences": True}, "endpoints": [endpoint]},
    }


def private_registry(
    attachment: Attachment, *, listen: Address, images: Path, http_secret: str
) -> dict[str, Any]:
    """Return the whole configuration of the registry that Portus runs itself."""
    return {
        "version": 0.1,
        "log": {"level": "info", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(images)},
            "cache": {"blobdescriptor": "inmemory"},
            "delete": {"enabled": True},
        },
        "http": {
            "addr": str(listen),
            "secret": http_secret,
            "headers": {"X-Content-Type-Options": ["nosniff"]},
        },
        **attachment_sections(attachment, major=3),
    }


def to_yaml(sections: dict[str, Any]) -> str:
    """Write the sections in their order."""
    return yaml.safe_dump(sections, sort_keys=False, default_flow_style=False)


def instructions(attachment: Attachment, major: int) -> str:
    """Return what to add to an existing registry's configuration, with a comment on top."""
    place = "/etc/distribution/config.yml" if major >= 3 else "/etc/docker/registry/config.yml"  # noqa: PLR2004
    lines = [
        f"# Distribution {major}.x: add to {place}, then restart the registry.",
        f"# Copy {attachment.ca_cert} to the registry's machine;",
        "# rootcertbundle is its path there. The realm must be reachable by everyone who pulls.",
    ]
    if major >= 3:  # noqa: PLR2004
        lines.append("# Set OTEL_TRACES_EXPORTER=none unless you collect traces.")
    return "\n".join([*lines, to_yaml(attachment_sections(attachment, major))])
