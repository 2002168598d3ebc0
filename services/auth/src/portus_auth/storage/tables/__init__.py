"""The tables of auth.

Every row that a decision rests on carries the `revision` of its last change
(`portus_shared.clock.next_revision`), so that facts held in memory are refreshed by "revision
greater than the last one seen". For the same reason a deletion only sets `deleted_at`, under a
new revision. Integer ids are never reused; the names of users and namespaces stay taken after a
deletion, because images under them may still exist.
"""

from __future__ import annotations

from portus_auth.storage.base import Base, Revised
from portus_auth.storage.tables.credentials import ApplicationToken, RefreshToken, SignIn
from portus_auth.storage.tables.decisions import DecisionRow
from portus_auth.storage.tables.installation import (
    HashKey,
    KeptRules,
    Registry,
    Republication,
    SetupCode,
)
from portus_auth.storage.tables.letters import Letter
from portus_auth.storage.tables.people import Namespace, Team, TeamMember, User
from portus_auth.storage.tables.robots import Robot

__all__ = [
    "ApplicationToken",
    "Base",
    "DecisionRow",
    "HashKey",
    "KeptRules",
    "Letter",
    "Namespace",
    "RefreshToken",
    "Registry",
    "Republication",
    "Revised",
    "Robot",
    "SetupCode",
    "SignIn",
    "Team",
    "TeamMember",
    "User",
]
