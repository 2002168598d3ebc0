"""The switches of an installation: what its operator leaves to people, and what to admins alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class PushPolicy(StrEnum):
    """Who may push besides admins: team members, people to their own namespace, or nobody."""

    ALLOW_TEAMS = "allow-teams"
    ALLOW_PERSONAL = "allow-personal"
    ADMIN_ONLY = "admin-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is switched on; admins may what is off, except that then nobody deletes.

    The defaults are the original's.
    """

    push_images: PushPolicy = PushPolicy.ALLOW_TEAMS
    delete_images: bool = True
    contributors_delete: bool = False
    create_team: bool = True
    manage_team: bool = True
    create_namespace: bool = True
    manage_namespace: bool = True
    change_visibility: bool = True


SETTINGS: Final = {
    "push_images": "USER_PERMISSION_PUSH_IMAGES_POLICY",
    "delete_images": "DELETE_ENABLED",
    "contributors_delete": "DELETE_CONTRIBUTORS",
    "create_team": "USER_PERMISSION_CREATE_TEAM_ENABLED",
    "manage_team": "USER_PERMISSION_MANAGE_TEAM_ENABLED",
    "create_namespace": "USER_PERMISSION_CREATE_NAMESPACE_ENABLED",
    "manage_namespace": "USER_PERMISSION_MANAGE_NAMESPACE_ENABLED",
    "change_visibility": "USER_PERMISSION_CHANGE_VISIBILITY_ENABLED",
}
"""The setting behind each switch, by which refusals name it."""
