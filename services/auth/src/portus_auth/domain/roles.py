"""Roles in a team and the visibility of a namespace: the words every rule is written in."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a member may do in a team's namespaces, least first."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    OWNER = "owner"

    def reaches(self, needed: Role) -> bool:
        """Tell whether this role includes everything that `needed` includes."""
        return _RANK[self] >= _RANK[needed]


class Visibility(StrEnum):
    """Who may pull without being a member: nobody, any signed-in user, or everybody."""

    PRIVATE = "private"
    PROTECTED = "protected"
    PUBLIC = "public"


_RANK: Final = {role: rank for rank, role in enumerate(Role)}
