"""Queries for who has which rights, to explain them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portus_auth.domain.roles import Role
from portus_auth.storage.tables import Namespace, TeamMember, User


def roles_of(session: Session, user_id: int) -> Mapping[int, Role]:
    """Return a user's roles by team id."""
    alive = TeamMember.deleted_at.is_(None)
    rows = select(TeamMember.team_id, TeamMember.role).where(TeamMember.user_id == user_id, alive)
    return {row.team_id: row.role for row in session.execute(rows)}


def people_near(session: Session, namespace: Namespace) -> Sequence[tuple[User, Role | None]]:
    """List enabled members of a namespace's team, its personal owner and admins, by name."""
    member = (TeamMember.user_id == User.id) & (TeamMember.team_id == namespace.team_id)
    near = or_(
        TeamMember.role.is_not(None), User.admin.is_(True), User.id == (namespace.owner_id or 0)
    )
    rows = session.execute(
        select(User, TeamMember.role)
        .outerjoin(TeamMember, member & TeamMember.deleted_at.is_(None))
        .where(near, User.enabled.is_(True), User.deleted_at.is_(None))
        .order_by(User.username)
    )
    return [(user, role) for user, role in rows]
