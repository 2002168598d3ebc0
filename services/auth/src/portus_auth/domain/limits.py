"""What the scopes of a credential leave of what its owner may do; without scopes, all of it.

A scope never adds anything: whoever gives a token scopes can only take away.
"""

from __future__ import annotations

from collections.abc import Sequence

from portus_auth.domain.policy import Action
from portus_shared.scopes import ALONE, Scope, actions_on, lies_below, written

Limits = Sequence[Scope] | None


def within(limits: Limits, repository: str, actions: frozenset[Action]) -> frozenset[Action]:
    """Return those of `actions` on a repository that the limits leave."""
    if limits is None:
        return actions
    left = actions_on(limits, repository)
    return frozenset(action for action in actions if action in left)


def within_namespace(
    limits: Limits, namespace: str, actions: frozenset[Action]
) -> frozenset[Action]:
    """Return those of `actions` that the limits leave on some repository of a namespace."""
    if limits is None:
        return actions
    left = [scope.actions for scope in limits if scope.namespace in {None, namespace}]
    return frozenset(action for action in actions if any(action in some for some in left))


def faults_of_narrowing(former: Limits, wanted: Limits) -> list[str]:
    """Say by what `wanted` would allow more than `former` does."""
    if former is None:
        return []
    if wanted is None:
        return ["cannot be left out: the token would be worth more than it was"]
    wider = [each for each in wanted if not _is_within(former, each)]
    return [f"'{written(each)}' is more than the token may do" for each in wider]


def _is_within(limits: Sequence[Scope], wanted: Scope) -> bool:
    """Tell whether limits leave all of a scope; several small parts never make up a whole one."""
    left = [each.actions for each in limits if _has_all_of(each, wanted)]
    return wanted.actions <= frozenset().union(*left)


def _has_all_of(wide: Scope, narrow: Scope) -> bool:
    """Tell whether all that a scope's pattern covers is covered by another's."""
    if wide.namespace is None or narrow.namespace is None:
        return wide.namespace is None
    if wide.path_prefix.startswith(ALONE):
        return wide.pattern == narrow.pattern
    path = narrow.path_prefix.removeprefix(ALONE)
    return wide.namespace == narrow.namespace and lies_below(wide.path_prefix, path)


def seen_namespaces(limits: Limits) -> frozenset[str] | None:
    """Return the names of the namespaces that the limits leave to see, None for all of them."""
    if leave_the_catalog(limits):
        return None
    return frozenset(
        scope.namespace or "" for scope in limits or () if Action.PULL in scope.actions
    )


def leave_the_catalog(limits: Limits) -> bool:
    """Tell whether the limits leave the listing of all repositories: pulling from all of them."""
    return limits is None or any(
        scope.namespace is None and Action.PULL in scope.actions for scope in limits
    )
