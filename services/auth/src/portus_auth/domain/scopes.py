"""The grammar of token scopes: what a client asks the realm for.

Clients repeat the ``scope`` parameter, put several scopes into one, and name a repository twice;
the union counts. What cannot be understood is left out and harms nothing beside it (Distribution
specification, "Docker Registry v2 authentication", scope grammar).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from portus_auth.domain.policy import Action
from portus_shared.names import is_repository_name

MAX_SCOPES: Final = 1000
"""How many scopes of one request are read; the others count as not asked for."""

_WILDCARD: Final = "*"
# The name is greedy: the last colon splits it from the actions.
_scope: Final = re.compile(r"([a-z0-9]+)(?:\([a-z0-9]+\))?:(.+):([^:]*)", re.ASCII)
_ACTIONS: Final = {action.value: frozenset({action}) for action in Action} | {
    _WILDCARD: frozenset(Action)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scopes:
    """Actions by repository, and whether to list the catalogue: asked for, or granted."""

    repositories: Mapping[str, frozenset[Action]] = field(default_factory=dict)
    catalog: bool = False


def parse(values: Iterable[str]) -> Scopes:
    """Read the values of all ``scope`` parameters; never raises."""
    repositories: dict[str, frozenset[Action]] = {}
    catalog = False
    for item in islice(_items(values), MAX_SCOPES):
        kind, name, actions = _split(item)
        if kind == "repository" and is_repository_name(name):
            repositories[name] = repositories.get(name, frozenset()) | _known(actions)
        elif kind == "registry" and name == "catalog":
            catalog = catalog or _WILDCARD in actions
    return Scopes(repositories=repositories, catalog=catalog)


def written(scopes: Scopes) -> str:
    """Return scopes in the grammar's own words, as `parse` reads them."""
    words = [
        f"repository:{name}:{','.join(action for action in Action if action in actions)}"
        for name, actions in scopes.repositories.items()
    ]
    return " ".join([*words, "registry:catalog:*"] if scopes.catalog else words)


def _items(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield from value.split()


def _split(item: str) -> tuple[str, str, list[str]]:
    found = _scope.fullmatch(item)
    if found is None:
        return "", "", []
    kind, name, actions = found.groups()
    return kind, name, actions.split(",")


def _known(actions: Iterable[str]) -> frozenset[Action]:
    """Return the actions that exist; `*` asks for all of them, and is nothing by itself."""
    return frozenset().union(*(_ACTIONS.get(action, frozenset()) for action in actions))
