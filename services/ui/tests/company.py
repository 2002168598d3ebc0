"""A small company: people, namespaces, images; what the fake services know and tests change."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

HOST = "registry.tidewater.example"
PASSWORD = "correct horse battery"
Json = dict[str, Any]


def sha(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def ago(**amount: float) -> str:
    return (datetime.now(UTC) - timedelta(**amount)).isoformat()


@dataclass
class Company:
    """Everything there is; `away` names services that answer 503."""

    users: dict[str, Json] = field(default_factory=dict)
    namespaces: list[Json] = field(default_factory=list)
    repositories: list[Json] = field(default_factory=list)
    activities: list[Json] = field(default_factory=list)
    moves: list[Json] = field(default_factory=list)
    scans: list[Json] = field(default_factory=list)
    drift: list[Json] = field(default_factory=list)
    deletions: list[Json] = field(default_factory=list)
    quarantine: list[Json] = field(default_factory=list)
    deletes_tags: bool | None = None
    deleted_tags: list[tuple[int, str | None]] = field(default_factory=list)
    decisions: list[Json] = field(default_factory=list)
    sign_ins: dict[str, str] = field(default_factory=dict)
    teams: list[Json] = field(default_factory=list)
    tokens: list[Json] = field(default_factory=list)
    robots: list[Json] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    shown_from: list[str] = field(default_factory=list)
    setup_needed: bool = False
    setup_code: str = "PORT-US42"
    sign_up: bool = False
    mail: bool = False
    letters: list[Json] = field(default_factory=list)
    away: set[str] = field(default_factory=set)

    def roles(self, user: str) -> dict[str, str]:
        roles: dict[str, str] = self.users.get(user, {}).get("roles", {})
        return roles

    def may_see(self, user: str, namespace: str) -> bool:
        found = next(entry for entry in self.namespaces if entry["name"] == namespace)
        if found["visibility"] == "public" or self.users.get(user, {}).get("admin"):
            return True
        protected = found["visibility"] == "protected" and bool(user)
        return protected or namespace in self.roles(user)

    def push(self, full_name: str, item: Json, tags: list[str], by: str) -> None:
        """Let an image arrive, newest first."""
        repository = next((r for r in self.repositories if r["full_name"] == full_name), None)
        if repository is None:
            repository = new_repository(len(self.repositories) + 1, full_name)
            self.repositories.append(repository)
        moment = item["pushed_at"]
        for tag in tags:
            item["tags"].append({"id": 1, "name": tag, "pushed_at": moment, "pushed_by": by})
            activity = {
                "id": len(self.activities) + 1,
                "key": "repository.push",
                "repository": full_name,
                "tag": tag,
                "digest": item["digest"],
                "actor": by,
                "occurred_at": moment,
            }
            self.activities.insert(0, activity)
            self.move(full_name, tag, item["digest"], by, moment)
        repository["images"].insert(0, item)
        newest = tags[0] if tags else None
        push = {"at": moment, "by": by, "tag": newest, "digest": item["digest"]}
        repository["last_push"] = push

    def move(self, full_name: str, tag: str, digest: str | None, by: str, at: str) -> None:
        """Let a tag point elsewhere, or to nothing."""
        before = next((m["digest"] for m in self.moves if m["of"] == (full_name, tag)), None)
        self.moves.insert(
            0,
            {
                "of": (full_name, tag),
                "digest": digest,
                "before": before,
                "source": "push" if digest else "delete",
                "at": at,
                "by": by,
                "is_here": digest is not None,
                "kind": "image" if digest else None,
            },
        )


def new_repository(number: int, full_name: str, description: str = "") -> Json:
    return {
        "id": number,
        "full_name": full_name,
        "description": description,
        "images": [],
        "last_push": None,
    }


def image(seed: str, *, platforms: int = 2, size: int = 61_400_000, **when: float) -> Json:
    names = [("linux", "amd64", None), ("linux", "arm64", "v8"), ("linux", "s390x", None)]
    return {
        "digest": sha(seed),
        "media_type": "application/vnd.oci.image.index.v1+json",
        "artifact_type": None,
        "kind": "index" if platforms > 1 else "image",
        "attachments": [],
        "tags": [],
        "size_bytes": size,
        "platforms": [
            {
                "os": os,
                "architecture": architecture,
                "variant": variant,
                "digest": sha(f"{seed}{architecture}"),
                "size_bytes": size - 2_500_000 * place,
                "layers": 6,
            }
            for place, (os, architecture, variant) in enumerate(names[:platforms])
        ],
        "pushed_at": ago(**(when or {"minutes": 4})),
        "pushed_by": "ci-payments",
        "described": True,
    }


def artifact(kind: str, artifact_type: str, seed: str = "thing") -> Json:
    """Return something that is no image."""
    return {**image(seed, platforms=0), "kind": kind, "artifact_type": artifact_type}


def attachment(item: Json, seed: str, kind: str, **facts: Any) -> Json:
    """Return something attached to an image by its subject."""
    return {
        "to": item["digest"],
        "through": "subject",
        "digest": sha(seed),
        "kind": kind,
        "media_type": "application/vnd.oci.image.manifest.v1+json",
        "artifact_type": None,
        "tag": None,
        "size_bytes": 900,
        "pushed_at": ago(minutes=3),
        "pushed_by": "ci-payments",
        **facts,
    }


def namespace(number: int, name: str, visibility: str, description: str = "") -> Json:
    personal = name == "ines.moreau"
    return {
        "id": number,
        "name": name,
        "created_at": ago(days=90),
        "updated_at": ago(days=2),
        "description": description,
        "team": {"id": number, "name": name, "hidden": personal or name == "_"},
        "visibility": visibility,
        "global": name == "_",
        "personal": personal,
    }


def team(number: int, name: str, description: str, **roles: str) -> Json:
    people = {"ines": ("ines.moreau", "Ines Moreau"), "tomasz": ("tomasz", None)}
    members = [
        {
            "id": 10 * number + place,
            "team_id": number,
            "username": people[person][0],
            "display_name": people[person][1],
            "enabled": True,
            "role": role,
        }
        for place, (person, role) in enumerate(roles.items())
    ]
    return {"id": number, "name": name, "description": description, "members": members}


def empty_company() -> Company:
    """Users and namespaces, and nothing pushed yet."""
    ines = {"payments": "owner", "base": "viewer", "web": "contributor", "ines.moreau": "owner"}
    return Company(
        users={
            "ines.moreau": {"id": 1, "admin": False, "roles": ines},
            "stranger": {"id": 2, "admin": False, "roles": {}},
            "root": {"id": 3, "admin": True, "roles": {}},
        },
        namespaces=[
            namespace(1, "_", "public", "Images without a namespace"),
            namespace(2, "base", "public", "Base images everybody builds on"),
            namespace(3, "data-science", "private"),
            namespace(4, "ines.moreau", "private"),
            namespace(5, "payments", "private", "Services that move money."),
            namespace(6, "web", "protected"),
        ],
        teams=[team(5, "payments", "Engineers of payments", ines="owner", tomasz="viewer")],
    )


def company() -> Company:
    """Return a company that has been pushing for a while."""
    made = empty_company()
    described = {
        "payments/api": "Card and bank payments HTTP API",
        "payments/ledger-worker": "Double-entry postings from the event bus",
        "payments/reconciler": "",
        "base/python": "Python with our certificates",
        "web/storefront": "The shop",
        "data-science/notebook-gpu": "Nobody else sees this",
        "hello": "",
    }
    made.repositories = [
        new_repository(number, name, text) for number, (name, text) in enumerate(described.items())
    ]
    push = made.push
    push("hello", image("hello", platforms=1, days=40), ["latest"], "root")
    push("data-science/notebook-gpu", image("nb", days=2), ["cuda-13.1"], "priya")
    for seed, tags, when in (
        ("1.40.9", ["1.40.9", "1.40"], {"days": 44}),
        ("pr-2291", ["pr-2291"], {"days": 15}),
        ("1.41.2", ["1.41.2"], {"days": 13}),
        ("1.41.3", ["1.41.3", "1.41", "stable"], {"days": 6}),
    ):
        platforms = 1 if seed == "pr-2291" else 2
        push("payments/api", image(seed, platforms=platforms, **when), tags, "ci-payments")
    push("payments/reconciler", image("rc", days=1.2), ["2.2.0"], "aisha")
    push("payments/api", image("main", hours=3), ["main-8c1f2ae", "main"], "ci-payments")
    push("payments/api", image("rc3", hours=2), ["1.42.0-rc.3"], "ci-payments")
    push("payments/ledger-worker", image("lw", hours=1), ["3.8.1", "latest"], "ci-payments")
    push("base/python", image("py", minutes=51), ["3.13.9-slim", "3.13-slim"], "ci-base")
    push("web/storefront", image("sf", minutes=22), ["main-41aa07c"], "ci-web")
    push("payments/api", image("1.42.0", minutes=4), ["1.42.0", "1.42", "latest"], "ci-payments")
    return made
