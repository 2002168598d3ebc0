"""The one condition that says which repositories a caller may see; every query goes through it.

Seeing is pulling: the SQL here and `domain.access.allowed_actions` decide alike, and a property
test holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, exists, false, func, literal, or_, select, true
from sqlalchemy.orm import Session

from portus_catalog.domain.access import (
    DELETE,
    PULL,
    PUSH,
    Grant,
    Subject,
    Viewer,
    allowed_actions,
    subjects_of,
)
from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.replica import AccessRow, TeamMemberRow, UserRow
from portus_shared.scopes import ALONE, Scope


def load_viewer(
    session: Session, kind: str, name: str, *, admin: bool, scopes: tuple[Scope, ...] | None
) -> Viewer:
    """Return a verified caller with its memberships; a disabled user is only the public.

    Who shows a token with scopes administers nothing, but may pull what its owner may.
    """
    user = session.get(UserRow, name) if kind in {"user", "robot"} else None
    if user is not None and (user.deleted or not user.enabled):
        subjects = subjects_of("anonymous", "", admin=False, memberships=())
        return Viewer(name=name, subjects=subjects, scopes=scopes)
    memberships = session.execute(
        select(TeamMemberRow.team_id, TeamMemberRow.role).where(TeamMemberRow.username == name)
    )
    roles = [(row.team_id, row.role) for row in memberships]
    is_admin = admin or (scopes is not None and user is not None and user.admin)
    subjects = subjects_of(kind, name, admin=is_admin, memberships=roles)
    return Viewer(name=name, subjects=subjects, scopes=scopes, admin=admin and scopes is None)


def may_pull(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `RepositoryRow` that the caller may pull it: that it may see it."""
    if not viewer.may_see:
        return false()
    path = RepositoryRow.path
    prefix = AccessRow.path_prefix
    below = func.substr(path, 1, func.length(prefix) + 1) == prefix + "/"
    granted = exists().where(
        AccessRow.registry_name == RepositoryRow.registry_name,
        AccessRow.namespace == RepositoryRow.namespace,
        AccessRow.may_pull,
        _granted_to(viewer),
        or_(prefix == "", prefix == path, prefix == literal(ALONE) + path, below),
    )
    return granted if viewer.scopes is None else and_(granted, _within(viewer.scopes))


def may_enter(viewer: Viewer, registry: str, namespace: str) -> ColumnElement[bool]:
    """Return the condition that the caller may pull something of a namespace."""
    if not viewer.may_look_into(namespace):
        return false()
    return exists().where(
        AccessRow.registry_name == registry,
        AccessRow.namespace == namespace,
        AccessRow.may_pull,
        _granted_to(viewer),
    )


def actions_on(
    session: Session, viewer: Viewer, repositories: Sequence[RepositoryRow]
) -> Mapping[int, frozenset[str]]:
    """Return what the caller may do with each repository, by id."""
    names = sorted({repository.namespace for repository in repositories})
    rows = session.scalars(
        select(AccessRow).where(AccessRow.namespace.in_(names), _granted_to(viewer))
    )
    grants: dict[tuple[str, str], list[Grant]] = {}
    for row in rows:
        grants.setdefault((row.registry_name, row.namespace), []).append(_grant(row))
    return {
        repository.id: allowed_actions(
            grants.get((repository.registry_name, repository.namespace), ()),
            viewer,
            repository.full_name,
        )
        for repository in repositories
    }


def _within(scopes: Iterable[Scope]) -> ColumnElement[bool]:
    """Return the condition that one of the scopes is for pulling a `RepositoryRow`."""
    return or_(false(), *(_covered_by(scope) for scope in scopes if PULL in scope.actions))


def _covered_by(scope: Scope) -> ColumnElement[bool]:
    if scope.namespace is None:
        return true()
    inside, prefix = RepositoryRow.namespace == scope.namespace, scope.path_prefix
    if not prefix:
        return inside
    path = RepositoryRow.path
    if prefix.startswith(ALONE):
        return and_(inside, path == prefix.removeprefix(ALONE))
    below = func.substr(path, 1, len(prefix) + 1) == f"{prefix}/"
    return and_(inside, or_(path == prefix, below))


def _granted_to(viewer: Viewer) -> ColumnElement[bool]:
    kinds: dict[str, list[str]] = {}
    for subject in sorted(viewer.subjects):
        kinds.setdefault(subject.kind, []).append(subject.name)
    return or_(
        *(
            and_(AccessRow.subject_kind == kind, AccessRow.subject.in_(names))
            for kind, names in kinds.items()
        )
    )


def _grant(row: AccessRow) -> Grant:
    flags = {PULL: row.may_pull, PUSH: row.may_push, DELETE: row.may_delete}
    return Grant(
        path_prefix=row.path_prefix,
        subject=Subject(kind=row.subject_kind, name=row.subject),
        actions=frozenset(action for action, granted in flags.items() if granted),
    )
