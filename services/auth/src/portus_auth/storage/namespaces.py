"""Queries for namespaces and the registry they lie in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, contains_eager

from portus_auth.domain.leftovers import Leftovers
from portus_auth.domain.listing import Slice
from portus_auth.domain.roles import Role, Visibility
from portus_auth.storage.paging import Listing, sliced
from portus_auth.storage.tables import Namespace, Registry, Team, TeamMember, User
from portus_auth.storage.teams import membership_of

_IS_FREE: Final = Namespace.leftovers.is_not_distinct_from(Leftovers.GONE)
_IS_HELD: Final = Namespace.deleted_at.is_not(None) & Namespace.leftovers.is_distinct_from(
    Leftovers.RELEASED
)
SORTABLE = {
    "id": Namespace.id,
    "name": Namespace.name,
    "clean_name": Namespace.clean_name,
    "description": Namespace.description,
    "team": Team.name,
    "visibility": Namespace.visibility,
    "global": Namespace.is_global,
    "role": TeamMember.role,
    "created_at": Namespace.created_at,
    "updated_at": Namespace.updated_at,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which namespaces a caller wants: all they may see, one by name, a team's, or deleted ones.

    `among` are the only ones that the caller's credential is for.
    """

    name: str | None = None
    among: frozenset[str] | None = None
    held: bool = False
    team_id: int | None = None


def by_id(session: Session, namespace_id: int) -> Namespace | None:
    """Find a namespace with its team and personal owner."""
    alive = Namespace.deleted_at.is_(None)
    return session.scalar(_whole().where(Namespace.id == namespace_id, alive))


def by_name(session: Session, registry_id: int, name: str) -> Namespace | None:
    """Find a namespace of a registry with its team and personal owner."""
    named = (Namespace.registry_id == registry_id, Namespace.name == name)
    return session.scalar(_whole().where(*named, Namespace.deleted_at.is_(None)))


def holder_of_name(session: Session, registry_id: int, name: str) -> Namespace | None:
    """Find the namespace with this name, deleted or not; one that is free again has it still."""
    named = (Namespace.registry_id == registry_id, Namespace.name == name)
    return session.scalar(select(Namespace).where(*named))


def release_name(session: Session, registry_id: int, name: str) -> Namespace | None:
    """Take its name from a deleted namespace that nothing is left of, and return that."""
    named = (Namespace.registry_id == registry_id, Namespace.name == name, _IS_FREE)
    gone = session.scalar(select(Namespace).where(*named))
    if gone is not None:
        # No name can contain a space, and so none can ever be equal to this one.
        gone.name, gone.leftovers = f"released {gone.id}", Leftovers.RELEASED
        session.flush()
    return gone


def deleted_by_id(session: Session, namespace_id: int) -> Namespace | None:
    """Find a deleted namespace by its id."""
    deleted = Namespace.deleted_at.is_not(None)
    return session.scalar(_whole().where(Namespace.id == namespace_id, deleted))


def being_emptied(session: Session) -> Sequence[Namespace]:
    """List the deleted namespaces whose images are on their way out."""
    emptied = Namespace.leftovers == Leftovers.DELETING
    return session.scalars(_whole().where(emptied).order_by(Namespace.id)).all()


def held(session: Session, registry_id: int, name: str) -> Namespace | None:
    """Find a deleted namespace, whose name is held."""
    named = (Namespace.registry_id == registry_id, Namespace.name == name)
    return session.scalar(_whole().where(*named, Namespace.deleted_at.is_not(None)))


def personal_of(session: Session, user_id: int) -> Namespace | None:
    """Find somebody's personal namespace."""
    alive = Namespace.deleted_at.is_(None)
    return session.scalar(_whole().where(Namespace.owner_id == user_id, alive))


def listing(
    session: Session, user_id: int | None, wanted: Slice, *, everything: bool, where: Filter
) -> Listing[tuple[Namespace, Role | None]]:
    """List the namespaces that a user (None: anonymous) may pull from, with the user's role."""
    statement = (
        _whole()
        .add_columns(TeamMember.role)
        .outerjoin(TeamMember, membership_of(user_id))
        .where(_IS_HELD if where.held else Namespace.deleted_at.is_(None))
    )
    if not everything:
        open_to = (
            [Visibility.PUBLIC] if user_id is None else [Visibility.PUBLIC, Visibility.PROTECTED]
        )
        statement = statement.where(
            or_(TeamMember.role.is_not(None), Namespace.visibility.in_(open_to))
        )
    if where.name is not None:
        statement = statement.where(Namespace.name == where.name)
    if where.among is not None:
        statement = statement.where(Namespace.name.in_(sorted(where.among)))
    if where.team_id is not None:
        statement = statement.where(Namespace.team_id == where.team_id)
    found = sliced(session, statement, wanted, SORTABLE)
    return Listing(items=[(row[0], row[1]) for row in found.items], total=found.total)


def of_team(session: Session, team_id: int) -> Sequence[Namespace]:
    """List a team's namespaces."""
    alive = Namespace.deleted_at.is_(None)
    return session.scalars(_whole().where(Namespace.team_id == team_id, alive)).all()


def named(session: Session, names: Collection[str | None] | None) -> Sequence[Namespace]:
    """List the namespaces with these names, or for None all of all registries."""
    if names is None:
        return everything(session)
    alive = Namespace.deleted_at.is_(None)
    wanted = [name for name in names if name is not None]
    return session.scalars(_whole().where(Namespace.name.in_(wanted), alive)).all()


def everything(session: Session) -> Sequence[Namespace]:
    """List all namespaces of all registries."""
    alive = Namespace.deleted_at.is_(None)
    return session.scalars(_whole().where(alive).order_by(Namespace.id)).all()


def global_of(session: Session, registry_id: int) -> Namespace | None:
    """Find a registry's global namespace."""
    here = (Namespace.registry_id == registry_id, Namespace.is_global.is_(True))
    return session.scalar(_whole().where(*here))


def registry(session: Session) -> Registry:
    """Return the one registry there is so far; it is made at start."""
    return session.scalars(select(Registry).order_by(Registry.id).limit(1)).one()


def registries(session: Session) -> Sequence[Registry]:
    """List the registries."""
    return session.scalars(select(Registry).order_by(Registry.id)).all()


def _whole() -> Select[Namespace]:
    return (
        select(Namespace)
        .join(Team, Team.id == Namespace.team_id)
        .outerjoin(User, User.id == Namespace.owner_id)
        .options(contains_eager(Namespace.team), contains_eager(Namespace.owner))
    )
