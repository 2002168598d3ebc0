"""ui's settings, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portus_shared.config import Reader, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What ui needs; `live_streams` caps open event streams, below the server's threads."""

    database_url: str
    bus_url: str
    public_url: str
    auth_url: str
    catalog_url: str
    sync_url: str
    service_secret: Secret
    listen: str
    log_level: str
    insecure_cookies: bool
    threads: int
    live_streams: int
    trusted_proxies: int
    anonymous_browsing: bool


def read(environ: Mapping[str, str]) -> Settings:
    """Read the settings; raises `InvalidSettings` with all faults at once."""
    reader = Reader(environ)
    threads = reader.integer("UI_THREADS", 256, minimum=8, maximum=2048)
    settings = Settings(
        database_url=reader.text("DATABASE_URL"),
        bus_url=reader.text("BUS_URL"),
        public_url=reader.url("PUBLIC_URL"),
        auth_url=reader.url("AUTH_URL", "http://auth:8080"),
        catalog_url=reader.url("CATALOG_URL", "http://catalog:8080"),
        sync_url=reader.url("SYNC_URL", "http://sync:8080"),
        service_secret=reader.secret("SERVICE_SECRET"),
        listen=reader.text("LISTEN", "0.0.0.0:8080"),
        log_level=reader.choice("LOG_LEVEL", ("debug", "info", "warning", "error"), "info"),
        insecure_cookies=reader.boolean("UI_INSECURE_COOKIES", default=False),
        threads=threads,
        live_streams=reader.integer("UI_LIVE_STREAMS", max(1, threads - 32), maximum=threads),
        trusted_proxies=reader.integer("UI_TRUSTED_PROXIES", 0, maximum=8),
        anonymous_browsing=reader.boolean("ANONYMOUS_BROWSING_ENABLED", default=True),
    )
    reader.finish()
    return settings
