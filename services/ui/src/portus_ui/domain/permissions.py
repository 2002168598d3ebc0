"""Permissions as people choose them in a form, and the scopes they stand for.

A permission is what may be done, and where: with everything, one repository, or one and all below
it. `home` is the namespace that it must lie in, None where there is no such bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from portus_shared.errors import Rejected
from portus_shared.names import GLOBAL, is_namespace_name, is_repository_name
from portus_shared.scopes import ACTIONS

ALL: Final = "all"
ONE: Final = "one"
BELOW: Final = "below"
_EVERYTHING: Final = "*"
_DEEPER: Final = "/*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One permission; `may` are actions with commas, empty for none."""

    may: str
    where: str
    path: str


def blank(home: str | None, may: str = "") -> Permission:
    """Return a permission that is yet to be chosen."""
    return Permission(may=may, where=ALL, path=f"{home}/" if home else "")


def permission_of(scope: str, home: str | None) -> Permission:
    """Return a scope as it is chosen."""
    pattern, _, may = scope.rpartition(":")
    if pattern == (f"{home}{_DEEPER}" if home else _EVERYTHING):
        return blank(home, may)
    if pattern.endswith(_DEEPER):
        return Permission(may=may, where=BELOW, path=pattern.removesuffix(_DEEPER))
    return Permission(may=may, where=ONE, path=pattern)


def scopes_of(chosen: Iterable[Permission], home: str | None, field: str) -> Sequence[str]:
    """Return the scopes of what was chosen; raises `Rejected` with sentences about `field`."""
    scopes, faults = [], []
    for each in chosen:
        if not each.may:
            continue
        if fault := _fault_of(each, home):
            faults.append(fault)
        else:
            scopes.append(f"{_pattern(each, home)}:{each.may}")
    if not scopes and not faults:
        faults.append("Choose what it may do, and where.")
    if faults:
        raise Rejected(fields={field: faults})
    return list(dict.fromkeys(scopes))


def words_of(scope: str) -> str:
    """Say a scope, as in "Pull and push everything in team"."""
    pattern, _, actions = scope.rpartition(":")
    named = ACTIONS if actions == _EVERYTHING else actions.split(",")
    verbs = ", ".join(named[:-1]) + (" and " if named[1:] else "") + named[-1]
    return f"{verbs.capitalize()} {_object_of(pattern)}"


def _object_of(pattern: str) -> str:
    path = pattern.removesuffix(_DEEPER)
    if pattern == _EVERYTHING:
        return "everything"
    if path == pattern:
        return path
    if "/" in path:
        return f"{path} and all below it"
    return "everything in the global namespace" if path == GLOBAL else f"everything in {path}"


def _fault_of(chosen: Permission, home: str | None) -> str:
    """Say what is wrong with a permission; a name is looked at only where one is asked for."""
    path = _path(chosen)
    if not set(chosen.may.split(",")) <= set(ACTIONS):
        return f"'{chosen.may}' is nothing that it may do."
    if chosen.where == ALL:
        return ""
    if path in {"", home}:
        return f"Name a repository, such as {home or 'team'}/app."
    if home and not path.startswith(f"{home}/"):
        return f"'{path}' is outside {home}: begin with {home}/."
    if is_repository_name(path) or (chosen.where == BELOW and _is_namespace(path)):
        return ""
    return f"'{path}' cannot be a repository: use lower case letters and digits, as in team/app."


def _is_namespace(path: str) -> bool:
    return path == GLOBAL or is_namespace_name(path)


def _path(chosen: Permission) -> str:
    path = chosen.path.strip()
    return (path.removesuffix(_DEEPER) if chosen.where == BELOW else path).rstrip("/")


def _pattern(chosen: Permission, home: str | None) -> str:
    if chosen.where == ALL:
        return f"{home}{_DEEPER}" if home else _EVERYTHING
    return _path(chosen) + (_DEEPER if chosen.where == BELOW else "")
