"""sync's settings, read once from the environment (prefix PORTUS_)."""

from collections.abc import Mapping
from dataclasses import dataclass

from portus_shared.config import Reader, Secret, ServiceSettings, read_service

SCHEMA = "sync"
"""The PostgreSQL schema of sync's tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What sync needs to run.

    `registry_name` is what notifications count for until auth has announced a registry.
    `trusted_proxies` in front of it may say, in X-Forwarded-For, where a request came from.
    `scan_interval_s` 0 leaves out the scans by timer; those at every start and by command stay.
    """

    service: ServiceSettings
    webhook_secret: Secret
    registry_name: str
    scan_interval_s: int
    scan_threads: int
    retention_days: int
    trusted_proxies: int


def read(environ: Mapping[str, str]) -> Settings:
    """Read all settings; raises `InvalidSettings` naming every fault."""
    reader = Reader(environ)
    settings = Settings(
        service=read_service(reader),
        webhook_secret=reader.secret("WEBHOOK_SECRET"),
        registry_name=reader.text("REGISTRY_NAME", "default"),
        scan_interval_s=reader.integer("SCAN_INTERVAL_S", 6 * 3600, maximum=31 * 24 * 3600),
        scan_threads=reader.integer("SCAN_THREADS", 8, minimum=1, maximum=64),
        retention_days=reader.integer("RETENTION_DAYS", 30, minimum=1, maximum=3650),
        trusted_proxies=reader.integer("SYNC_TRUSTED_PROXIES", 0, maximum=8),
    )
    reader.finish()
    return settings
