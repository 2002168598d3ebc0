"""Rows into events: the one place where auth's state becomes what others are told.

Every event carries the whole state under the revision of its last change, and is queued in the
transaction that made the change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from portus_auth.domain.leftovers import Leftovers
from portus_auth.domain.policy import ActorFacts, NamespaceFacts, grants
from portus_auth.domain.roles import Role
from portus_auth.storage import namespaces, robots, rules, teams
from portus_auth.storage.tables import Namespace, Registry, Robot, Team, User
from portus_shared.clock import now
from portus_shared.contracts.auth import (
    AuditRecorded,
    Grant,
    Member,
    NamespaceChanged,
    NamespaceDeleted,
    RegistryChanged,
    StateRepublished,
    TeamChanged,
    TeamDeleted,
    UserChanged,
    UserDeleted,
)
from portus_shared.outbox import publish


def user_changed(session: Session, user: User) -> None:
    """Tell what others may know of a user."""
    event = UserChanged(
        username=user.username,
        kind="robot" if user.robot else "user",
        enabled=user.enabled,
        admin=user.admin,
        revision=user.revision,
        user_id=user.id,
    )
    publish(session, event)


def team_changed(session: Session, team: Team) -> None:
    """Tell who is in a team."""
    session.flush()
    found = teams.members_by_team(session, [team.id])[team.id]
    team_state(session, team, found)


def team_state(session: Session, team: Team, members: Sequence[tuple[str, Role]]) -> None:
    """Tell a team's state when its members are already at hand."""
    event = TeamChanged(
        team_id=team.id,
        name=team.name,
        hidden=team.hidden,
        revision=team.revision,
        members=tuple(Member(username=name, role=role) for name, role in members),
    )
    publish(session, event)


def user_deleted(session: Session, user: User) -> None:
    """Tell that a user is gone."""
    kind = "robot" if user.robot else "user"
    publish(session, UserDeleted(username=user.username, kind=kind, revision=user.revision))


def team_deleted(session: Session, team: Team) -> None:
    """Tell that a team is gone, and with it what its members might do."""
    publish(session, TeamDeleted(team_id=team.id, revision=team.revision))


def namespace_deleted(
    session: Session, namespace: Namespace, registry: Registry, *, by: str | None = None
) -> None:
    """Tell that nobody reaches a namespace any more, and what becomes of its images."""
    event = NamespaceDeleted(
        registry=registry.name,
        namespace_id=namespace.id,
        namespace=namespace.name,
        revision=namespace.revision,
        keep_images=namespace.leftovers is not Leftovers.DELETING,
        deleted_by=by,
    )
    publish(session, event)


def namespaces_changed(session: Session, changed: Sequence[Namespace]) -> None:
    """Tell the states of many namespaces, with few queries for all of them."""
    registries = {row.id: row for row in namespaces.registries(session)}
    everywhere: list[Robot] = []
    at_home: defaultdict[int, list[Robot]] = defaultdict(list)
    for robot in robots.everything(session):
        home = at_home[robot.namespace_id] if robot.namespace_id else everywhere
        home.append(robot)
    for namespace in changed:
        near = [*everywhere, *at_home[namespace.id]]
        namespace_changed(session, namespace, registries[namespace.registry_id], near)


def namespace_changed(
    session: Session,
    namespace: Namespace,
    registry: Registry,
    among: Sequence[Robot] | None = None,
) -> None:
    """Tell a namespace's state with everybody's actions in it.

    `among` are the robots to look at, where the caller knows them already.
    """
    near = robots.near(session, namespace.id) if among is None else among
    event = NamespaceChanged(
        registry=registry.name,
        namespace_id=namespace.id,
        namespace=namespace.name,
        team_id=namespace.team_id,
        team_name=namespace.team.name,
        visibility=namespace.visibility,
        description=namespace.description,
        revision=namespace.revision,
        grants=tuple(
            Grant(
                path_prefix=grant.path_prefix,
                subject_kind=grant.subject_kind,
                subject=grant.subject,
                actions=tuple(sorted(grant.actions)),
            )
            for grant in grants(
                facts_of(namespace), rules.current(session), [facts_of_robot(each) for each in near]
            )
        ),
    )
    publish(session, event)


def registry_changed(session: Session, registry: Registry) -> None:
    """Tell where a registry is."""
    event = RegistryChanged(
        registry=registry.name,
        url=registry.url,
        external_host=registry.external_host,
        ca=None,
        enabled=True,
        revision=registry.revision,
    )
    publish(session, event)


def state_republished(session: Session, generation: int) -> None:
    """Close a republication: everything there is was told at this revision."""
    publish(session, StateRepublished(generation=generation, started_at=now()))


def audit_recorded(
    session: Session,
    actor: str,
    address: str | None,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Tell who did what to whom."""
    event = AuditRecorded(
        actor=actor,
        address=address,
        action=action,
        subject=subject,
        occurred_at=now(),
        before=before,
        after=after,
    )
    publish(session, event)


def facts_of(namespace: Namespace) -> NamespaceFacts:
    """Return what the policy wants to know of a namespace."""
    return NamespaceFacts(
        visibility=namespace.visibility,
        team_id=namespace.team_id,
        is_global=namespace.is_global,
        personal_owner=namespace.owner.username if namespace.owner else None,
        name=namespace.name,
    )


def facts_of_robot(robot: Robot) -> ActorFacts:
    """Return what the policy wants to know of a robot."""
    return ActorFacts(
        kind="robot",
        name=robot.user.username,
        enabled=robot.user.enabled,
        permissions=robot.permissions,
        is_global=robot.namespace_id is None,
    )
