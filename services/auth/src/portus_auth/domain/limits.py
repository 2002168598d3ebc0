"""What the scopes of a credential leave of what its owner may do; without scopes, all of it.

A scope never adds anything: whoever gives a token scopes can only take away.
"""

from __future__ import annotations

from collections.abc import Sequence

from portus_auth.domain.policy import Action
from portus_shared.scopes import Scope, actions_on

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
