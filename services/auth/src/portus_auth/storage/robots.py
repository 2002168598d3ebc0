"""Queries for robots."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from portus_auth.domain.accounts import fold
from portus_auth.domain.listing import Slice
from portus_auth.domain.roles import Role
from portus_auth.storage.paging import Listing, sliced
from portus_auth.storage.tables import ApplicationToken, Namespace, Robot, TeamMember, User
from portus_shared.clock import now
from portus_shared.names import GLOBAL

SORTABLE = {
    "id": Robot.id,
    "name": User.username,
    "namespace": Namespace.name,
    "description": Robot.description,
    "enabled": User.enabled,
    "created_by": Robot.created_by,
    "created_at": Robot.created_at,
    "updated_at": Robot.updated_at,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """How many tokens of an account can be used, and when any was used last, deleted ones too."""

    count: int = 0
    last_used_at: datetime | None = None


def by_id(session: Session, robot_id: int) -> Robot | None:
    """Find a robot with its account and namespace."""
    return session.scalar(_whole().where(Robot.id == robot_id))


def by_user_id(session: Session, user_id: int) -> Robot | None:
    """Find the robot that an account is of."""
    return session.scalar(_whole().where(Robot.user_id == user_id))


def by_full_name(session: Session, name: str) -> Robot | None:
    """Find a robot by what it signs in as."""
    return session.scalar(_whole().where(User.username_key == fold(name)))


def listing(
    session: Session, owner_id: int | None, namespace: str | None, wanted: Slice
) -> Listing[Robot]:
    """List the robots of the namespaces that somebody owns, or for None all there are.

    `namespace` leaves those of one; the global namespace's are the global robots.
    """
    statement = _whole()
    if owner_id is not None:
        mine = exists().where(
            TeamMember.team_id == Namespace.team_id,
            TeamMember.user_id == owner_id,
            TeamMember.role == Role.OWNER,
            TeamMember.deleted_at.is_(None),
        )
        statement = statement.where(Robot.namespace_id.is_not(None), mine)
    if namespace is not None:
        home = Robot.namespace_id.is_(None) if namespace == GLOBAL else Namespace.name == namespace
        statement = statement.where(home)
    found = sliced(session, statement, wanted, SORTABLE)
    return Listing(items=[row[0] for row in found.items], total=found.total)


def of_namespace(session: Session, namespace_id: int) -> Sequence[Robot]:
    """List a namespace's own robots."""
    return session.scalars(_whole().where(Robot.namespace_id == namespace_id)).all()


def everywhere(session: Session) -> Sequence[Robot]:
    """List the global robots."""
    return session.scalars(_whole().where(Robot.namespace_id.is_(None))).all()


def count_of(session: Session, namespace_id: int | None) -> int:
    """Count a namespace's own robots, or for None the global ones."""
    home = (
        Robot.namespace_id.is_(None) if namespace_id is None else Robot.namespace_id == namespace_id
    )
    alive = select(func.count()).where(Robot.deleted_at.is_(None), home)
    return session.scalar(alive) or 0


def near(session: Session, namespace_id: int) -> Sequence[Robot]:
    """List the robots that may have permissions in a namespace: its own and the global ones."""
    here = or_(Robot.namespace_id == namespace_id, Robot.namespace_id.is_(None))
    return session.scalars(_whole().where(here).order_by(Robot.id)).all()


def everything(session: Session) -> Sequence[Robot]:
    """List all robots."""
    return session.scalars(_whole().order_by(Robot.id)).all()


def keys_of(session: Session, user_ids: Collection[int]) -> Mapping[int, Keys]:
    """Return what is known of the tokens of each of some accounts."""
    good = and_(
        ApplicationToken.deleted_at.is_(None),
        or_(ApplicationToken.expires_at.is_(None), ApplicationToken.expires_at > now()),
    )
    rows = (
        select(
            ApplicationToken.user_id,
            func.count().filter(good).label("good"),
            func.max(ApplicationToken.last_used_at).label("at"),
        )
        .where(ApplicationToken.user_id.in_(user_ids))
        .group_by(ApplicationToken.user_id)
    )
    return {row.user_id: Keys(count=row.good, last_used_at=row.at) for row in session.execute(rows)}


def _whole() -> Select[Robot]:
    return (
        select(Robot)
        .join(User, User.id == Robot.user_id)
        .outerjoin(Namespace, Namespace.id == Robot.namespace_id)
        .where(Robot.deleted_at.is_(None))
        .options(contains_eager(Robot.user), contains_eager(Robot.namespace))
    )
