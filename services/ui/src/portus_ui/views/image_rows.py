"""View models of images: one row a digest, with tags, platforms and what is attached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portus_ui.views.formats import Moment, moment, plural, short, size
from portus_ui.views.kinds import Badge, Kind, badges_of, kind_of
from portus_ui.views.pulling import Reference, command_of

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One platform of an image."""

    name: str
    digest: str
    size: str
    layers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRow:
    """One image, or another artifact: a digest with all its tags."""

    digest: str
    short: str
    tags: tuple[str, ...]
    tags_count: int
    kind: Kind
    badges: tuple[Badge, ...]
    platforms: tuple[Platform, ...]
    size: str
    pushed: Moment | None
    pushed_by: str
    described: bool
    is_open: bool
    toggle: str
    deleting: bool
    failure: str
    reference: Reference
    pull: str

    @property
    def title(self) -> str:
        """Return what to call the image aloud."""
        return self.tags[0] if self.tags else self.short


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageContext:
    """What an image's row needs from its page: `base` is the repository with its host."""

    base: str
    client: str
    opened: tuple[str, ...]
    toggled: Callable[[str], str]
    names: bool
    now: datetime


def image_row(item: Json, page: ImageContext) -> ImageRow:
    """Make one image's row."""
    tags = tuple(str(tag["name"]) for tag in item["tags"])
    reference = Reference(base=page.base, tag=tags[0] if tags else "", digest=item["digest"])
    digest, kind = short(item["digest"]), kind_of(item)
    return ImageRow(
        digest=item["digest"],
        short=digest,
        tags=tags,
        tags_count=tags_count_of(item),
        kind=kind,
        badges=badges_of(item.get("attachments") or ()),
        platforms=platforms_of(item),
        size=size(item.get("size_bytes")),
        pushed=moment(item.get("pushed_at"), page.now),
        pushed_by=(item.get("pushed_by") or "") if page.names else "",
        described=bool(item["described"]),
        is_open=digest in page.opened,
        toggle=page.toggled(digest),
        deleting=bool(item.get("deleting")),
        failure=item.get("deletion_failure") or "",
        reference=reference,
        pull=command_of(kind.name, page.client, reference),
    )


def platforms_of(item: Json) -> tuple[Platform, ...]:
    """Make the platforms of an image; the variant is part of a platform's name."""
    return tuple(_platform_of(platform) for platform in item["platforms"])


def _platform_of(platform: Json) -> Platform:
    parts = (platform.get("os"), platform.get("architecture"), platform.get("variant"))
    layers = platform.get("layers")
    return Platform(
        name="/".join(part for part in parts if part) or "unknown",
        digest=platform.get("digest") or "",
        size=size(platform.get("size_bytes")),
        layers="" if layers is None else plural(layers, "layer"),
    )


def tags_count_of(item: Json) -> int:
    """Return how many tags an image has, of which the item holds the newest."""
    return max(len(item["tags"]), int(item.get("tags_count") or 0))
