"""View models: what templates show, made from the services' JSON in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portus_ui.views.formats import Moment, moment, plural, size

Json = Mapping[str, Any]
LEAD_TAGS: Final = frozenset({"latest", "stable"})
TAGS_SHOWN: Final = 6
ROLES: Final = {"owner": "Owner", "contributor": "Contributor", "viewer": "Viewer"}


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
    deleting: bool


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
        role=role_of(namespace),
        actions=actions_of(namespace),
        personal=bool(namespace.get("personal")),
        repositories=held.get("repositories"),
        size=size(held.get("size_bytes")),
        last_push=moment(held.get("last_push_at"), now),
    )


def actions_of(thing: Json) -> str:
    """Return what the caller may do, the harmless first."""
    allowed = thing.get("actions") or ()
    return ", ".join(action for action in ("pull", "push", "delete") if action in allowed)


def role_of(namespace: Json | None) -> str:
    """Return the caller's role in words, nothing for none."""
    return ROLES.get((namespace or {}).get("role") or "", "")


def access_of(role: str, *, admin: bool) -> str:
    """Return what a page calls the caller."""
    return role or ("Administrator" if admin else "Visitor")


def _team_of(namespace: Json) -> str:
    team = namespace.get("team") or {}
    return "" if team.get("hidden") else team.get("name", "")


def repository_rows(
    repositories: Sequence[Json], now: datetime, *, names: bool
) -> list[RepositoryRow]:
    """Make the rows of a list of repositories; `names` tells who pushed."""
    return [_repository_row(repository, now, names=names) for repository in repositories]


def _repository_row(repository: Json, now: datetime, *, names: bool) -> RepositoryRow:
    push = repository.get("last_push") or {}
    return RepositoryRow(
        full_name=repository["full_name"],
        name=repository["name"],
        description=repository.get("description") or "",
        tags=plural(int(repository.get("tags_count") or 0), "tag"),
        size=size(repository.get("size_bytes")),
        last_push=moment(push.get("at") or repository.get("updated_at"), now),
        pushed_by=(push.get("by") or "") if names else "",
        digest=push.get("digest") or "",
        deleting=bool(repository.get("deleting")),
    )
