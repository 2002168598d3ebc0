"""View models of robots, and where they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portus_ui.domain.permissions import words_of
from portus_ui.views.formats import Moment, moment

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where robots belong: a namespace, or for None everywhere."""

    namespace: str | None

    @property
    def address(self) -> str:
        """Return where these robots are listed."""
        return f"/n/{self.namespace}/robots" if self.namespace else "/robots"

    @property
    def here(self) -> str:
        """Return the place in the navigation that this is part of."""
        return "Namespaces" if self.namespace else "Users"


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotRow:
    """One robot; `name` is what it signs in as, and `can` a line for each permission."""

    id: int
    name: str
    description: str
    permissions: Sequence[str]
    can: tuple[str, ...]
    enabled: bool
    tokens: int
    made_by: str
    since: Moment | None
    used: Moment | None
    home: Home


def robot_row(robot: Json, now: datetime) -> RobotRow:
    """Make the row of one robot."""
    namespace = robot.get("namespace")
    return RobotRow(
        id=int(robot["id"]),
        name=robot["name"],
        description=robot.get("description") or "",
        permissions=robot["permissions"],
        can=tuple(words_of(scope) for scope in robot["permissions"]),
        enabled=bool(robot["enabled"]),
        tokens=int(robot["tokens_count"]),
        made_by=robot.get("created_by") or "",
        since=moment(robot.get("created_at"), now),
        used=moment(robot.get("last_used_at"), now),
        home=Home(namespace=namespace["name"] if namespace else None),
    )
