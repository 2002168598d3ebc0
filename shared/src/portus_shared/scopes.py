"""What a credential is limited to: patterns of repository names, and actions with each.

Written ``<pattern>:<actions>``, as in ``team/*:pull,push``; the actions are pull, push and delete,
or ``*`` for all of them. Patterns:

=================  ==========================================================
``team/app``       that repository alone
``team/app/*``     that repository and everything below it
``team/*``         everything in the namespace ``team``
``app``            one repository of the global namespace; ``_/*``: all of it
``*``              everything
=================  ==========================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from portus_shared.names import (
    GLOBAL,
    REPOSITORY_MAX,
    is_namespace_name,
    is_repository_name,
    namespace_of,
    path_in_namespace,
)

ACTIONS: Final = ("pull", "push", "delete")
ALONE: Final = "="
"""Begins a path prefix that means one path and nothing below it; no path contains it."""

_EVERYTHING: Final = "*"
_BELOW: Final = "/*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Actions with all repositories that a pattern covers."""

    pattern: str
    actions: frozenset[str]

    @property
    def namespace(self) -> str | None:
        """Return the one namespace the pattern lies in, None for all of them."""
        if self.pattern == _EVERYTHING:
            return None
        return self.pattern[: -len(_BELOW)] if self._is_whole else namespace_of(self.pattern)

    @property
    def path_prefix(self) -> str:
        """Return what the pattern covers within its namespace, as `lies_below` reads it."""
        if self.pattern == _EVERYTHING or self._is_whole:
            return ""
        path = path_in_namespace(self.pattern)
        return path.removesuffix(_BELOW) if path.endswith(_BELOW) else f"{ALONE}{path}"

    @property
    def _is_whole(self) -> bool:
        return self.pattern.endswith(_BELOW) and self.pattern.count("/") == 1

    def covers(self, repository: str) -> bool:
        """Tell whether the pattern covers a repository, by its full name."""
        return self.namespace in {None, namespace_of(repository)} and lies_below(
            self.path_prefix, path_in_namespace(repository)
        )


def lies_below(prefix: str, path: str) -> bool:
    """Tell whether a path within a namespace is at or below a prefix; "" is the whole namespace."""
    return prefix in {"", path, f"{ALONE}{path}"} or path.startswith(f"{prefix}/")


def parse(text: str) -> Scope:
    """Read one scope; raises `ValueError` with a sentence about what is wrong."""
    pattern, colon, actions = text.strip().rpartition(":")
    if not colon:
        message = f"'{text}' must be written pattern:actions, as in team/*:pull,push"
        raise ValueError(message)
    if not _is_pattern(pattern):
        message = f"'{pattern}' must be a repository, a path followed by /*, or *"
        raise ValueError(message)
    return Scope(pattern=pattern, actions=_actions(actions))


def written(scope: Scope) -> str:
    """Write a scope as `parse` reads it."""
    return f"{scope.pattern}:{','.join(each for each in ACTIONS if each in scope.actions)}"


def actions_on(scopes: Iterable[Scope], repository: str) -> frozenset[str]:
    """Return the actions that some scopes allow with a repository together."""
    return frozenset().union(*(each.actions for each in scopes if each.covers(repository)))


def _is_pattern(text: str) -> bool:
    if len(text) >= REPOSITORY_MAX:
        return False
    path = text.removesuffix(_BELOW)
    if path != text and path == GLOBAL:
        return True
    if path != text and "/" not in path:
        return is_namespace_name(path)
    return text == _EVERYTHING or is_repository_name(path)


def _actions(text: str) -> frozenset[str]:
    named = set(text.split(","))
    if named == {_EVERYTHING}:
        return frozenset(ACTIONS)
    if not named <= set(ACTIONS):
        message = f"'{text}' must be some of pull, push and delete, or *"
        raise ValueError(message)
    return frozenset(named)
