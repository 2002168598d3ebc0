"""An image's config blob described: what it runs on, how it starts, how it was built."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portus_sync.domain.foreign import (
    MAX_ENTRIES,
    child,
    children,
    read_object,
    text,
    text_map,
    texts,
)
from portus_sync.domain.text import storable

MAX_CONFIG_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One step of the build, oldest first."""

    created: str | None
    created_by: str | None
    comment: str | None
    empty_layer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageConfig:
    """What a config blob says; `created` is as the builder wrote it."""

    digest: str
    os: str | None
    architecture: str | None
    variant: str | None
    created: str | None
    author: str | None
    user: str | None
    working_dir: str | None
    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    env: tuple[str, ...]
    exposed_ports: tuple[str, ...]
    labels: Mapping[str, str] | None
    history: tuple[HistoryEntry, ...]


def read_config(digest: str, body: bytes) -> ImageConfig:
    """Describe the config blob `body`; never raises, absent and odd parts are left out."""
    image = read_object(body)
    run = child(image, "config")
    ports = list(child(run, "ExposedPorts"))[:MAX_ENTRIES]
    return ImageConfig(
        digest=digest,
        os=text(image, "os"),
        architecture=text(image, "architecture"),
        variant=text(image, "variant"),
        created=text(image, "created"),
        author=text(image, "author"),
        user=text(run, "User"),
        working_dir=text(run, "WorkingDir"),
        entrypoint=texts(run, "Entrypoint"),
        cmd=texts(run, "Cmd"),
        env=texts(run, "Env"),
        exposed_ports=tuple(storable(port, 64) for port in ports),
        labels=text_map(run, "Labels"),
        history=tuple(_history_entry(entry) for entry in children(image, "history")),
    )


def _history_entry(entry: Mapping[str, Any]) -> HistoryEntry:
    return HistoryEntry(
        created=text(entry, "created"),
        created_by=text(entry, "created_by"),
        comment=text(entry, "comment"),
        empty_layer=entry.get("empty_layer") is True,
    )
