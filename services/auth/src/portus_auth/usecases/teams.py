"""Create, list and change teams, and who is in them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portus_auth.domain import permissions
from portus_auth.domain.actors import Actor
from portus_auth.domain.faults import reject
from portus_auth.domain.listing import Slice
from portus_auth.domain.roles import Role
from portus_auth.domain.titles import faults_of_description, faults_of_title
from portus_auth.storage import namespaces, rules, teams, users
from portus_auth.storage.paging import Listing
from portus_auth.storage.tables import Team, TeamMember, User
from portus_auth.usecases import publish
from portus_auth.usecases.rules import refusal
from portus_shared.clock import next_revision
from portus_shared.errors import Conflict, NotFound, Rejected


class LastOwner(Conflict):
    """Say that a team must keep an owner who can act for it."""

    code = "last-owner"
    default_message = "Cannot remove the only owner of the team"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamView:
    """A team as one actor sees it."""

    team: Team
    role: Role | None


def create_team(
    session: Session, actor: Actor, name: str, description: str, owner_id: int | None
) -> TeamView:
    """Create a team; its owner is the actor, or for admins whom they name."""
    switches = rules.current(session)
    if not permissions.may_create_team(actor, switches, owner_id=owner_id):
        raise refusal(actor, switches, "create_team", "create teams")
    revision = next_revision(session)
    name = name.strip()
    faults = {"name": _faults_of_new_name(session, name)}
    faults["description"] = faults_of_description(description)
    owner = users.by_id(session, owner_id or actor.user_id or 0)
    if owner is None:
        faults["owner_id"] = ["is not a user"]
    reject(faults)
    team = Team(name=name, description=description, hidden=False)
    team.touch(revision)
    session.add(team)
    session.flush()
    if owner:
        _set_role(session, team, owner, Role.OWNER, revision)
    publish.team_changed(session, team)
    return TeamView(team=team, role=teams.role_of(session, team.id, actor.user_id))


def list_teams(
    session: Session, actor: Actor, wanted: Slice, *, name: str | None = None
) -> Listing[TeamView]:
    """List the teams the actor is in; admins see all but hidden ones."""
    found = teams.listing(session, actor.user_id, wanted, everybody=actor.admin, name=name)
    views = [TeamView(team=team, role=role) for team, role in found.items]
    return Listing(items=views, total=found.total)


def show_team(session: Session, actor: Actor, team_id: int) -> TeamView:
    """Return one team; 404 for whoever is not in it."""
    team = teams.by_id(session, team_id)
    role = teams.role_of(session, team_id, actor.user_id)
    if team is None or not permissions.may_see_team(actor, role, hidden=team.hidden):
        raise NotFound
    return TeamView(team=team, role=role)


def update_team(
    session: Session, actor: Actor, team_id: int, name: str | None, description: str | None
) -> TeamView:
    """Rename or describe a team; its namespaces' events carry the name and follow."""
    revision = next_revision(session)
    view = _managed(session, actor, team_id)
    team = view.team
    faults = {"description": faults_of_description(description or "")}
    if name is not None and name.strip() != team.name:
        faults["name"] = _faults_of_new_name(session, name.strip())
    reject(faults)
    team.description = team.description if description is None else description
    team.touch(revision)
    if name is not None and name.strip() != team.name:
        team.name = name.strip()
        for namespace in namespaces.of_team(session, team.id):
            namespace.touch(revision)
            publish.namespace_changed(session, namespace, namespaces.registry(session))
    publish.team_changed(session, team)
    return view


def list_members(
    session: Session, actor: Actor, team_id: int, wanted: Slice
) -> Listing[TeamMember]:
    """List who is in a team."""
    show_team(session, actor, team_id)
    return teams.members(session, team_id, wanted)


def add_member(
    session: Session, actor: Actor, team_id: int, username: str, role: Role
) -> TeamMember:
    """Take a user into a team."""
    revision = next_revision(session)
    team = _managed(session, actor, team_id).team
    user = users.by_username(session, username)
    if user is None:
        raise NotFound(f"There is no user '{username}'")
    if teams.role_of(session, team_id, user.id) is not None:
        raise Rejected(fields={"user": ["has already been taken"]})
    member = _set_role(session, team, user, role, revision)
    publish.team_changed(session, team)
    return member


def set_member(
    session: Session, actor: Actor, team_id: int, member_id: int, role: Role
) -> TeamMember:
    """Give a member another role; the last owner keeps theirs."""
    revision = next_revision(session)
    team = _managed(session, actor, team_id).team
    member = _member(session, team_id, member_id)
    if role is not Role.OWNER:
        _keep_an_owner(session, member)
    member.role = role
    member.touch(revision)
    team.touch(revision)
    publish.team_changed(session, team)
    return member


def remove_member(session: Session, actor: Actor, team_id: int, member_id: int) -> None:
    """Take a member out of a team: an owner may anybody, everybody themselves."""
    revision = next_revision(session)
    team = show_team(session, actor, team_id).team
    member = _member(session, team_id, member_id)
    if member.user_id != actor.user_id:
        _managed(session, actor, team_id)
    _keep_an_owner(session, member)
    member.remove(revision)
    team.touch(revision)
    publish.team_changed(session, team)


def _managed(session: Session, actor: Actor, team_id: int) -> TeamView:
    view, switches = show_team(session, actor, team_id), rules.current(session)
    if not permissions.may_manage_team(actor, view.role, switches, hidden=view.team.hidden):
        raise refusal(actor, switches, "manage_team", "change teams")
    return view


def _member(session: Session, team_id: int, member_id: int) -> TeamMember:
    member = teams.member_by_id(session, team_id, member_id)
    if member is None:
        raise NotFound
    return member


def _keep_an_owner(session: Session, member: TeamMember) -> None:
    if teams.is_only_owner(session, member):
        raise LastOwner


def _set_role(session: Session, team: Team, user: User, role: Role, revision: int) -> TeamMember:
    """Make somebody a member, in their former row if they have one."""
    member = teams.membership_row(session, team.id, user.id)
    if member is None:
        member = TeamMember(team_id=team.id, user_id=user.id)
        session.add(member)
    member.role, member.deleted_at, member.user = role, None, user
    member.touch(revision)
    team.touch(revision)
    session.flush()
    return member


def _faults_of_new_name(session: Session, name: str) -> list[str]:
    faults = faults_of_title(name)
    return faults or (["has already been taken"] if teams.name_is_taken(session, name) else [])
