"""The namespaces that nobody asks for: each person's own, and the global one."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain.accounts import personal_namespace_base, with_suffixes
from portus_auth.domain.roles import Role, Visibility
from portus_auth.storage import namespaces, teams
from portus_auth.storage.tables import Namespace, Registry, Team, TeamMember, User
from portus_auth.usecases import publish
from portus_auth.usecases.names import faults_of_new_name, pass_on
from portus_shared.clock import next_revision
from portus_shared.names import GLOBAL

_GLOBAL_TEAM: Final = "portus_global_team"


def create_personal_namespace(session: Session, user: User, revision: int) -> Namespace:
    """Give a person a private namespace in a hidden team of their own."""
    registry = namespaces.registry(session)
    team = add_hidden_team(session, user.username, revision)
    member = TeamMember(team_id=team.id, user_id=user.id, role=Role.OWNER)
    member.touch(revision)
    session.add(member)
    names = with_suffixes(personal_namespace_base(user.username))
    name = next(each for each in names if not faults_of_new_name(session, each))
    pass_on(session, registry.id, name, team, revision)
    namespace = Namespace(
        registry_id=registry.id,
        name=name,
        team=team,
        owner=user,
        description=f"This personal namespace belongs to {user.username}.",
        visibility=Visibility.PRIVATE,
        is_global=False,
    )
    namespace.touch(revision)
    session.add(namespace)
    session.flush()
    publish.team_changed(session, team)
    publish.namespace_changed(session, namespace, registry)
    return namespace


def ensure_global_namespace(session: Session, registry: Registry) -> Namespace:
    """Return a registry's global namespace, made public when it is new; admins alone push to it."""
    existing = namespaces.global_of(session, registry.id)
    if existing:
        return existing
    revision = next_revision(session)
    team = add_hidden_team(session, _GLOBAL_TEAM, revision)
    namespace = Namespace(
        registry_id=registry.id,
        name=GLOBAL,
        team=team,
        owner=None,
        description=f"Repositories of {registry.external_host} without a namespace.",
        visibility=Visibility.PUBLIC,
        is_global=True,
    )
    namespace.touch(revision)
    session.add(namespace)
    session.flush()
    publish.team_changed(session, team)
    publish.namespace_changed(session, namespace, registry)
    return namespace


def add_hidden_team(session: Session, name: str, revision: int) -> Team:
    """Add a team that lists do not show, under the first free spelling of its name."""
    free = (title for title in with_suffixes(name) if not teams.name_is_taken(session, title))
    team = Team(name=next(free), description="", hidden=True)
    team.touch(revision)
    session.add(team)
    session.flush()
    return team
