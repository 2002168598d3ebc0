"""Queries for teams and who is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, contains_eager

from portus_auth.domain.listing import Slice
from portus_auth.domain.roles import Role
from portus_auth.storage.paging import Listing, sliced
from portus_auth.storage.tables import Team, TeamMember, User

SORTABLE = {
    "id": Team.id,
    "name": Team.name,
    "description": Team.description,
    "hidden": Team.hidden,
    "role": TeamMember.role,
    "created_at": Team.created_at,
    "updated_at": Team.updated_at,
}
MEMBERS_SORTABLE = {
    "id": TeamMember.id,
    "team_id": TeamMember.team_id,
    "user_id": TeamMember.user_id,
    "username": User.username,
    "display_name": User.display_name,
    "enabled": User.enabled,
    "role": TeamMember.role,
    "created_at": TeamMember.created_at,
    "updated_at": TeamMember.updated_at,
}


def membership_of(user_id: int | None) -> ColumnElement[bool]:
    """Join a team with the membership of one user, who may be nobody."""
    return and_(
        TeamMember.team_id == Team.id,
        TeamMember.user_id == (user_id or 0),
        TeamMember.deleted_at.is_(None),
    )


def by_id(session: Session, team_id: int) -> Team | None:
    """Find a team that is not deleted."""
    return session.scalar(select(Team).where(Team.id == team_id, Team.deleted_at.is_(None)))


def by_name(session: Session, name: str) -> Team | None:
    """Find a team by its exact name."""
    return session.scalar(select(Team).where(Team.name == name, Team.deleted_at.is_(None)))


def name_is_taken(session: Session, name: str) -> bool:
    """Tell whether a team, hidden ones included, has this name."""
    named = exists().where(Team.name == name, Team.deleted_at.is_(None))
    return bool(session.scalar(select(named)))


def role_of(session: Session, team_id: int, user_id: int | None) -> Role | None:
    """Return a user's role in a team."""
    return session.scalar(
        select(TeamMember.role).where(
            TeamMember.team_id == team_id,
            TeamMember.user_id == (user_id or 0),
            TeamMember.deleted_at.is_(None),
        )
    )


def listing(
    session: Session, user_id: int | None, wanted: Slice, *, everybody: bool, name: str | None
) -> Listing[tuple[Team, Role | None]]:
    """List visible teams with the user's role: those with a role, or all for `everybody`."""
    statement = (
        select(Team, TeamMember.role)
        .outerjoin(TeamMember, membership_of(user_id))
        .where(Team.deleted_at.is_(None), Team.hidden.is_(False))
    )
    if not everybody:
        statement = statement.where(TeamMember.role.is_not(None))
    if name is not None:
        statement = statement.where(Team.name == name)
    found = sliced(session, statement, wanted, SORTABLE)
    return Listing(items=[(row[0], row[1]) for row in found.items], total=found.total)


def members(session: Session, team_id: int, wanted: Slice) -> Listing[TeamMember]:
    """List a team's members with their accounts."""
    statement = (
        select(TeamMember)
        .join(TeamMember.user)
        .options(contains_eager(TeamMember.user))
        .where(TeamMember.team_id == team_id, TeamMember.deleted_at.is_(None))
    )
    found = sliced(session, statement, wanted, MEMBERS_SORTABLE)
    return Listing(items=[row[0] for row in found.items], total=found.total)


def member_by_id(session: Session, team_id: int, member_id: int) -> TeamMember | None:
    """Find one membership of a team, with its account."""
    return session.scalar(
        select(TeamMember)
        .join(TeamMember.user)
        .options(contains_eager(TeamMember.user))
        .where(
            TeamMember.id == member_id,
            TeamMember.team_id == team_id,
            TeamMember.deleted_at.is_(None),
        )
    )


def membership_row(session: Session, team_id: int, user_id: int) -> TeamMember | None:
    """Find the row of a present or former member."""
    return session.scalar(
        select(TeamMember).where(TeamMember.team_id == team_id, TeamMember.user_id == user_id)
    )


def count_other_owners(session: Session, member: TeamMember) -> int:
    """Count the owners besides `member` who can act for the team."""
    others = (
        select(func.count())
        .select_from(TeamMember)
        .join(User, User.id == TeamMember.user_id)
        .where(
            TeamMember.team_id == member.team_id,
            TeamMember.id != member.id,
            TeamMember.role == Role.OWNER,
            TeamMember.deleted_at.is_(None),
            User.enabled.is_(True),
            User.deleted_at.is_(None),
        )
    )
    return session.scalar(others) or 0


def members_by_team(
    session: Session, team_ids: Sequence[int]
) -> Mapping[int, Sequence[tuple[str, Role]]]:
    """Return the user names and roles of several teams, in one statement."""
    found: dict[int, list[tuple[str, Role]]] = {team_id: [] for team_id in team_ids}
    rows = session.execute(
        select(TeamMember.team_id, User.username, TeamMember.role)
        .join(User, User.id == TeamMember.user_id)
        .where(
            TeamMember.team_id.in_(team_ids),
            TeamMember.deleted_at.is_(None),
            User.deleted_at.is_(None),
        )
        .order_by(User.username)
    )
    for team_id, username, role in rows:
        found[team_id].append((username, role))
    return found


def memberships_of(session: Session, user_id: int) -> Sequence[TeamMember]:
    """List a user's memberships with the teams, hidden ones included."""
    alive = TeamMember.deleted_at.is_(None)
    return session.scalars(
        select(TeamMember)
        .join(TeamMember.team)
        .options(contains_eager(TeamMember.team))
        .where(TeamMember.user_id == user_id, alive)
        .order_by(Team.id)
    ).all()


def memberships_in(session: Session, team_id: int) -> Sequence[TeamMember]:
    """List all memberships of a team, without the accounts."""
    mine = (TeamMember.team_id == team_id, TeamMember.deleted_at.is_(None))
    return session.scalars(select(TeamMember).where(*mine).order_by(TeamMember.id)).all()


def is_only_owner(session: Session, member: TeamMember) -> bool:
    """Tell whether a team would be left without anybody who can act for it."""
    return member.role is Role.OWNER and count_other_owners(session, member) == 0
