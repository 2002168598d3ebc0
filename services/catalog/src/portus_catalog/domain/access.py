"""Who may do what: the union of the action sets that auth published, and nothing else.

Rules live in auth. Here a caller is a set of subjects, a grant says what one subject may do below
a path prefix of a namespace, and what no grant names is denied. May pull = may see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from portus_shared.names import path_in_namespace
from portus_shared.scopes import Scope, actions_on, lies_below

PULL: Final = "pull"
PUSH: Final = "push"
DELETE: Final = "delete"
ACTIONS: Final = frozenset({PULL, PUSH, DELETE})


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Subject:
    """One name under which a caller receives grants; see `Grant` of the auth contract."""

    kind: str
    name: str


ANONYMOUS: Final = Subject(kind="anonymous", name="")
ANY_USER: Final = Subject(kind="user", name="*")
ADMIN: Final = Subject(kind="admin", name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one subject may do below a path prefix of a namespace; see `scopes.lies_below`."""

    path_prefix: str
    subject: Subject
    actions: frozenset[str]

    def covers(self, path: str) -> bool:
        """Tell whether a repository's path within the namespace lies at or below the prefix."""
        return lies_below(self.path_prefix, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A caller as the catalogue sees it: its subjects, and what its token is limited to."""

    name: str
    subjects: frozenset[Subject]
    scopes: tuple[Scope, ...] | None = None
    admin: bool = False

    @property
    def may_see(self) -> bool:
        """Tell whether this caller can see anything at all: seeing is pulling."""
        return self.scopes is None or any(PULL in scope.actions for scope in self.scopes)

    def may_look_into(self, namespace: str) -> bool:
        """Tell whether this caller's token is for pulling anything of a namespace."""
        return self.scopes is None or any(
            PULL in scope.actions and scope.namespace in {None, namespace} for scope in self.scopes
        )


def team_role(team_id: int, role: str) -> Subject:
    """Return the subject that stands for everybody with one role in one team."""
    return Subject(kind="team_role", name=f"{team_id}:{role}")


def subjects_of(
    kind: str, name: str, *, admin: bool, memberships: Iterable[tuple[int, str]]
) -> frozenset[Subject]:
    """Return the subjects of a verified caller.

    A robot gets what is granted to it by name and what the public gets, for it is nobody's
    colleague; services and anonymous callers are only the public.
    """
    if kind == "robot":
        return frozenset({ANONYMOUS, Subject(kind=kind, name=name)})
    if kind != "user":
        return frozenset({ANONYMOUS})
    subjects = {ANONYMOUS, ANY_USER, Subject(kind=kind, name=name)}
    subjects |= {team_role(team_id, role) for team_id, role in memberships}
    if admin:
        subjects.add(ADMIN)
    return frozenset(subjects)


def allowed_actions(grants: Iterable[Grant], viewer: Viewer, full_name: str) -> frozenset[str]:
    """Return what the caller may do with a repository, given the grants of its namespace."""
    union: set[str] = set()
    path = path_in_namespace(full_name)
    for grant in grants:
        if grant.subject in viewer.subjects and grant.covers(path):
            union |= grant.actions
    limit = ACTIONS if viewer.scopes is None else actions_on(viewer.scopes, full_name)
    return frozenset(union) & limit
