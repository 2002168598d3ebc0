"""The catalogue's settings, read once from the environment (prefix PORTUS_)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portus_shared.config import Reader, ServiceSettings, read_service

SCHEMA: Final = "catalog"
"""The PostgreSQL schema of the catalogue's tables, and the service's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the catalogue needs to run.

    `trusted_proxies` in front of it may say, in X-Forwarded-For, where a request came from.
    """

    service: ServiceSettings
    trusted_proxies: int


def read(environ: Mapping[str, str]) -> Settings:
    """Read all settings; raises `InvalidSettings` naming every fault."""
    reader = Reader(environ)
    settings = Settings(
        service=read_service(reader),
        trusted_proxies=reader.integer("CATALOG_TRUSTED_PROXIES", 0, maximum=8),
    )
    reader.finish()
    return settings
