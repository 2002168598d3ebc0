"""Lenient access to JSON that strangers wrote: what is odd reads as absent, sizes are bounded."""

import json
from collections.abc import Mapping
from typing import Any

from portus_sync.domain.text import storable

MAX_TEXT = 4_096
MAX_ENTRIES = 1_000
_MAX_WHOLE = 2**63 - 1
_SAFE_DIGITS = 18


def read_object(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in `body`, an empty one when it holds anything else."""
    try:
        read = json.loads(body, parse_int=bounded_int)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def text(node: Mapping[str, Any], name: str) -> str | None:
    """Return a non-empty string, cut to its bound."""
    return storable(node.get(name), MAX_TEXT) or None


def whole(node: Mapping[str, Any], name: str) -> int | None:
    """Return a number that can be a size."""
    value = node.get(name)
    is_size = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_WHOLE
    return value if is_size else None


def child(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object below `name`."""
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def children(node: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list, at most `MAX_ENTRIES`."""
    value = node.get(name)
    found = value if isinstance(value, list) else []
    return [entry for entry in found[:MAX_ENTRIES] if isinstance(entry, dict)]


def texts(node: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the strings of a list; a single string is a list of one."""
    value = node.get(name)
    found = value if isinstance(value, list) else [value]
    return tuple(storable(entry, MAX_TEXT) for entry in found[:MAX_ENTRIES] if entry)


def text_map(node: Mapping[str, Any], name: str) -> Mapping[str, str] | None:
    """Return an object's string members, None when there are none."""
    found = {
        storable(key, MAX_TEXT): storable(value, MAX_TEXT)
        for key, value in list(child(node, name).items())[:MAX_ENTRIES]
        if isinstance(value, str)
    }
    return found or None


def bounded_int(digits: str) -> int | float:
    """Keep absurdly long numbers from failing the whole: Python refuses over 4,300 digits."""
    return int(digits) if len(digits) <= _SAFE_DIGITS else float(digits)
