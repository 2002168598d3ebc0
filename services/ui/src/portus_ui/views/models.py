"""View models: what templates show, made from the services' JSON in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portus_ui.views.formats import Moment, moment, plural, short, size

Json = Mapping[str, Any]
LEAD_TAGS: Final = frozenset({"latest", "stable"})
TAGS_SHOWN: Final = 6
_ACCESS: Final = {"owner": "Owner", "contributor": "Contributor", "viewer": "Viewer"}
_VERBS: Final = {"push": "pushed", "delete": "deleted", "pull": "pulled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceRow:
    """One namespace in a list; sizes are empty while catalog is away."""

    name: str
    title: str
    description: str
    visibility: str
    team: str
    role: str
    actions: str
    personal: bool
    repositories: int | None
    size: str
    last_push: Moment | None

    @property
    def holding(self) -> str:
        """Return ``7 repositories, 42.0 GB``."""
        if self.repositories is None:
            return ""
        held = plural(self.repositories, "repository", "repositories")
        return f"{held}, {self.size}" if self.repositories and self.size else held


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryRow:
    """One repository in a list."""

    full_name: str
    name: str
    description: str
    tags: str
    size: str
    last_push: Moment | None
    pushed_by: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """One platform of an image."""

    name: str
    digest: str
    size: str
    layers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRow:
    """One image: a digest with all its tags."""

    digest: str
    short: str
    tags: tuple[str, ...]
    hidden_tags: int
    kind: str
    platforms: tuple[Platform, ...]
    size: str
    pushed: Moment | None
    pushed_by: str
    described: bool
    is_open: bool
    toggle: str
    reference: str

    @property
    def title(self) -> str:
        """Return what to call the image aloud."""
        return self.tags[0] if self.tags else self.short


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One thing somebody did; several tags of one push are one item."""

    key: str
    actor: str
    verb: str
    repository: str
    tags: tuple[str, ...]
    digest: str
    when: Moment | None


def namespace_rows(
    namespaces: Sequence[Json], counts: Sequence[Json] | None, now: datetime
) -> list[NamespaceRow]:
    """Make the rows of a list of namespaces."""
    known = None if counts is None else {entry["namespace"]: entry for entry in counts}
    return [namespace_row(namespace, known, now) for namespace in namespaces]


def namespace_row(
    namespace: Json, counts: Mapping[str, Json] | None, now: datetime
) -> NamespaceRow:
    """Make one row; `counts` by namespace name, None while unknown."""
    name = "_" if namespace.get("global") else namespace["name"]
    held = {} if counts is None else counts.get(name, {"repositories": 0})
    return NamespaceRow(
        name=name,
        title="Global" if name == "_" else name,
        description=namespace.get("description") or "",
        visibility=str(namespace["visibility"]),
        team=_team_of(namespace),
        role=_ACCESS.get(namespace.get("role") or "", ""),
        actions=", ".join(namespace.get("actions") or ()),
        personal=bool(namespace.get("personal")),
        repositories=held.get("repositories"),
        size=size(held.get("size_bytes")),
        last_push=moment(held.get("last_push_at"), now),
    )


def _team_of(namespace: Json) -> str:
    team = namespace.get("team") or {}
    return "" if team.get("hidden") else team.get("name", "")


def repository_rows(repositories: Sequence[Json], now: datetime) -> list[RepositoryRow]:
    """Make the rows of a list of repositories."""
    return [_repository_row(repository, now) for repository in repositories]


def _repository_row(repository: Json, now: datetime) -> RepositoryRow:
    push = repository.get("last_push") or {}
    return RepositoryRow(
        full_name=repository["full_name"],
        name=repository["name"],
        description=repository.get("description") or "",
        tags=plural(int(repository.get("tags_count") or 0), "tag"),
        size=size(repository.get("size_bytes")),
        last_push=moment(push.get("at") or repository.get("updated_at"), now),
        pushed_by=push.get("by") or "",
        digest=push.get("digest") or "",
    )


def platform_of(platform: Json) -> Platform:
    """Make one platform; the variant is part of its name."""
    parts = (platform.get("os"), platform.get("architecture"), platform.get("variant"))
    layers = platform.get("layers")
    return Platform(
        name="/".join(part for part in parts if part) or "unknown",
        digest=platform.get("digest") or "",
        size=size(platform.get("size_bytes")),
        layers="" if layers is None else plural(layers, "layer"),
    )


def image_row(item: Json, *, is_open: bool, toggle: str, base: str, now: datetime) -> ImageRow:
    """Make one image's row; `base` is the repository with its host, as people pull it."""
    tags = tuple(str(tag["name"]) for tag in item["tags"])
    reference = f"{base}:{tags[0]}" if tags else f"{base}@{item['digest']}"
    return ImageRow(
        digest=item["digest"],
        short=short(item["digest"]),
        tags=tags,
        hidden_tags=max(0, len(tags) - TAGS_SHOWN),
        kind=_kind_of(item),
        platforms=tuple(platform_of(platform) for platform in item["platforms"]),
        size=size(item.get("size_bytes")),
        pushed=moment(item.get("pushed_at"), now),
        pushed_by=item.get("pushed_by") or "",
        described=bool(item["described"]),
        is_open=is_open,
        toggle=toggle,
        reference=reference,
    )


def _kind_of(item: Json) -> str:
    """Return what an artifact says it is, when it is not an ordinary image."""
    kind = item.get("artifact_type") or ""
    return "" if "image.config" in kind or "container.image" in kind else str(kind)[:80]


def feed_items(activities: Sequence[Json], now: datetime) -> list[FeedItem]:
    """Make the feed, newest first; neighbours that are one push become one item."""
    items: list[FeedItem] = []
    for activity in activities:
        item = _feed_item(activity, now)
        last = items[-1] if items else None
        if last and item.tags and _same_push(last, item):
            tags = tuple(dict.fromkeys((*last.tags, *item.tags)))
            items[-1] = _with_tags(last, tags)
        else:
            items.append(item)
    return items


def _feed_item(activity: Json, now: datetime) -> FeedItem:
    verb = str(activity["key"]).rpartition(".")[2]
    tag = activity.get("tag")
    return FeedItem(
        key=str(activity["id"]),
        actor=activity.get("actor") or "Somebody",
        verb=_VERBS.get(verb, "changed"),
        repository=activity["repository"],
        tags=(tag,) if tag else (),
        digest=activity.get("digest") or "",
        when=moment(activity["occurred_at"], now),
    )


def _same_push(one: FeedItem, other: FeedItem) -> bool:
    return (one.actor, one.verb, one.repository, one.digest) == (
        other.actor,
        other.verb,
        other.repository,
        other.digest,
    )


def _with_tags(item: FeedItem, tags: tuple[str, ...]) -> FeedItem:
    return FeedItem(
        key=item.key,
        actor=item.actor,
        verb=item.verb,
        repository=item.repository,
        tags=tags,
        digest=item.digest,
        when=item.when,
    )
