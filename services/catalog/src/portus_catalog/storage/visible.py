"""The one condition that says which repositories a caller may see; every query goes through it.

Seeing is pulling: the SQL here and `domain.access.allowed_actions` decide alike, and a property
test holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from portus_catalog.domain.access import (
    DELETE,
    PULL,
    PUSH,
    Grant,
    Subject,
    Viewer,
    allowed_actions,
    limit_of,
    subjects_of,
)
from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.replica import AccessRow, TeamMemberRow, UserRow


def load_viewer(
    session: Session, kind: str, name: str, *, admin: bool, scopes: Iterable[str] | None
) -> Viewer:
    """Return a verified caller with its memberships; a disabled user is only the public."""
    limit = limit_of(scopes)
    is_admin = admin and scopes is None
    user = session.get(UserRow, name) if kind in {"user", "robot"} else None
    if user is not None and (user.deleted or not user.enabled):
        subjects = subjects_of("anonymous", "", admin=False, memberships=())
        return Viewer(name=name, subjects=subjects, limit=limit)
    memberships = session.execute(
        select(TeamMemberRow.team_id, TeamMemberRow.role).where(TeamMemberRow.username == name)
    )
    roles = [(row.team_id, row.role) for row in memberships]
    subjects = subjects_of(kind, name, admin=is_admin, memberships=roles)
    return Viewer(name=name, subjects=subjects, limit=limit, admin=is_admin)


def may_pull(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on `RepositoryRow` that the caller may pull it: that it may see it."""
    if not viewer.may_see:
        return false()
    path = RepositoryRow.path
    prefix = AccessRow.path_prefix
    below = func.substr(path, 1, func.length(prefix) + 1) == prefix + "/"
    return exists().where(
        AccessRow.registry_name == RepositoryRow.registry_name,
        AccessRow.namespace == RepositoryRow.namespace,
        AccessRow.may_pull,
        _granted_to(viewer),
        or_(prefix == "", prefix == path, below),
    )


def may_enter(viewer: Viewer, registry: str, namespace: str) -> ColumnElement[bool]:
    """Return the condition that the caller may pull something of a namespace."""
    if not viewer.may_see:
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
            repository.path,
        )
        for repository in repositories
    }


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
