"""A small company: teams, namespaces, images; the same one for every test."""

from __future__ import annotations

from typing import Any

from fakes import World, ago, image, new_repository


def namespace(
    number: int, name: str, visibility: str, description: str = "", **more: Any
) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "created_at": ago(days=90),
        "updated_at": ago(days=2),
        "description": description,
        "team": {"id": number, "name": name, "hidden": bool(more.get("personal"))},
        "visibility": visibility,
        "global": name == "_",
        "personal": False,
        **more,
    }


def empty_company() -> World:
    """Users and namespaces, and nothing pushed yet."""
    world = World()
    world.users = {
        "ines.moreau": {
            "id": 1,
            "admin": False,
            "roles": {
                "payments": "owner",
                "base": "viewer",
                "web": "contributor",
                "ines.moreau": "owner",
            },
        },
        "stranger": {"id": 2, "admin": False, "roles": {}},
        "root": {"id": 3, "admin": True, "roles": {}},
    }
    world.namespaces = [
        namespace(1, "_", "public", "Images without a namespace"),
        namespace(2, "base", "public", "Base images everybody builds on"),
        namespace(3, "data-science", "private"),
        namespace(4, "ines.moreau", "private", personal=True),
        namespace(5, "payments", "private", "Services that move money."),
        namespace(6, "web", "protected"),
    ]
    return world


def company() -> World:
    """A company that has been pushing for a while."""
    world = empty_company()
    for number, (name, description) in enumerate(
        [
            ("payments/api", "Card and bank payments HTTP API"),
            ("payments/ledger-worker", "Double-entry postings from the event bus"),
            ("payments/reconciler", ""),
            ("base/python", "Python with our certificates"),
            ("web/storefront", "The shop"),
            ("data-science/notebook-gpu", "Nobody else sees this"),
            ("hello", ""),
        ],
        1,
    ):
        world.repositories.append(new_repository(number, name, description))
    push = world.push
    push("hello", image("hello", platforms=1, days=40), ["latest"], "root")
    push("data-science/notebook-gpu", image("nb", size=14_600_000_000, days=2), ["cuda-13.1"], "priya")
    push("payments/reconciler", image("rc", days=1.2), ["2.2.0"], "aisha")
    push("payments/ledger-worker", image("lw", hours=1), ["3.8.1", "latest"], "ci-payments")
    push("base/python", image("py", minutes=51), ["3.13.9-slim", "3.13-slim"], "ci-base")
    push("web/storefront", image("sf", minutes=22), ["main-41aa07c"], "ci-web")
    _payments_api(world)
    return world


def _payments_api(world: World) -> None:
    pushes = [
        ("1.40.9", ["1.40.9", "1.40"], {"days": 44}),
        ("pr-2291", ["pr-2291"], {"days": 15}),
        ("1.41.2", ["1.41.2"], {"days": 13}),
        ("1.41.3", ["1.41.3", "1.41", "stable"], {"days": 6}),
        ("main", ["main-8c1f2ae", "main"], {"hours": 3}),
        ("rc3", ["1.42.0-rc.3"], {"hours": 2}),
        ("1.42.0", ["1.42.0", "1.42", "latest"], {"minutes": 4}),
    ]
    for seed, tags, when in pushes:
        platforms = 1 if seed == "pr-2291" else 2
        world.push("payments/api", image(seed, platforms=platforms, **when), tags, "ci-payments")
