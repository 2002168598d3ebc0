"""Who publishes and who consumes each event, from the source."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from tests.architecture.sources import SERVICES, Source, full_name, imported_names, sources_of

from portus_shared.contracts.event import event_types

# The modules (or packages) where a service takes events from its queue.
_TAKING: Final = frozenset({"consumers", "consumers.py"})


def publishers() -> dict[str, set[str]]:
    """Return the services that make each event, by its key."""
    return _services_by_key(events_made_in)


def consumers() -> dict[str, set[str]]:
    """Return the services that take each event from their queue, by its key."""
    return _services_by_key(_events_taken_in)


def events_made_in(source: Source) -> set[str]:
    """Return the keys of the events that a file constructs."""
    calls = (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))
    return set(_keys(source, (call.func for call in calls)))


def _events_taken_in(source: Source) -> set[str]:
    if not _TAKING & set(source.path.parts):
        return set()
    nodes = ast.walk(source.tree)
    return set(
        _keys(source, (node for node in nodes if isinstance(node, ast.Name | ast.Attribute)))
    )


def _keys(source: Source, nodes: Iterator[ast.expr]) -> Iterator[str]:
    names, known = imported_names(source), _key_by_class()
    return (known[name] for node in nodes if (name := full_name(node, names)) in known)


@cache
def _key_by_class() -> dict[str, str]:
    return {f"{cls.__module__}.{cls.__name__}": key for key, cls in event_types().items()}


def _services_by_key(events: Callable[[Source], set[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {key: set() for key in event_types()}
    for service in SERVICES:
        for source in sources_of(service):
            for key in events(source):
                found[key].add(service)
    return found
