"""What auth tells the others: whole present states with the revision that orders them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portus_shared.contracts.event import Event, event


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One membership: role is viewer, contributor or owner."""

    username: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The actions (pull, push, delete) one subject has below a path prefix of a namespace.

    subject_kind: anonymous, user, robot, team_role, admin. subject: empty for anonymous and admin;
    a name, or ``*`` for any signed-in user; ``<team_id>:<role>`` for team_role. The prefix is
    empty for the whole namespace; ``=path`` is that path alone.
    """

    path_prefix: str
    subject_kind: str
    subject: str
    actions: tuple[str, ...]


@event("auth.team.changed.v1")
class TeamChanged(Event):
    """Carry the whole state of one team."""

    team_id: int
    name: str
    hidden: bool
    revision: int
    members: tuple[Member, ...]


@event("auth.team.deleted.v1")
class TeamDeleted(Event):
    """Say that a team is gone."""

    team_id: int
    revision: int


@event("auth.namespace.changed.v1")
class NamespaceChanged(Event):
    """Carry the whole state of one namespace, with the decisions as data."""

    registry: str
    namespace_id: int
    namespace: str
    team_id: int | None
    visibility: str
    description: str
    revision: int
    grants: tuple[Grant, ...]
    team_name: str | None = None


@event("auth.namespace.deleted.v1")
class NamespaceDeleted(Event):
    """Say that a namespace is gone, and whether its images stay in the registry.

    `deleted_by` is who wanted it, absent where that is told again.
    """

    registry: str
    namespace_id: int
    namespace: str
    revision: int
    keep_images: bool = True
    deleted_by: str | None = None


@event("auth.user.changed.v1")
class UserChanged(Event):
    """Carry what others may know of one user; kind is user or robot."""

    username: str
    kind: str
    enabled: bool
    admin: bool
    revision: int
    user_id: int | None = None


@event("auth.user.deleted.v1")
class UserDeleted(Event):
    """Say that a user is gone."""

    username: str
    kind: str
    revision: int


@event("auth.registry.changed.v1")
class RegistryChanged(Event):
    """Carry one registry: `url` is how sync reaches it, `external_host` what people type.

    `ca` is the PEM of the authority that signed the registry's own TLS certificate, if private.
    """

    registry: str
    url: str
    external_host: str
    ca: str | None
    enabled: bool
    revision: int


@event("auth.state.republished.v1")
class StateRepublished(Event):
    """Close a republication: what has a revision below `generation` was not named and is gone."""

    generation: int
    started_at: datetime


@event("auth.audit.recorded.v1")
class AuditRecorded(Event):
    """Record who did what to whom in auth; before and after carry no secrets."""

    actor: str
    address: str | None
    action: str
    subject: str
    occurred_at: datetime
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
