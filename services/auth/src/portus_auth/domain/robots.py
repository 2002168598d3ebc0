"""Rules for robots' names and permissions.

A robot is called ``robot/<namespace>/<name>``, a global one ``robot/<name>``. No person's name
contains a ``/``, and neither part does: no two of all these names can be equal. Whatever shell,
header or URL a name passes through, none of its characters needs care.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from portus_shared.names import is_namespace_name
from portus_shared.scopes import Scope

NAME_MAX: Final = 64
_FULL_NAME_MAX: Final = 255
_PREFIX: Final = "robot"


def full_name(namespace: str | None, name: str) -> str:
    """Return what a robot signs in as; without a namespace it is global."""
    return "/".join([_PREFIX, name] if namespace is None else [_PREFIX, namespace, name])


def faults_of_robot(namespace: str | None, name: str) -> list[str]:
    """Say what is wrong with the last part of a robot's name."""
    if not name:
        return ["can't be blank"]
    if len(name) > NAME_MAX or len(full_name(namespace, name)) > _FULL_NAME_MAX:
        return [f"is too long (maximum is {NAME_MAX} characters)"]
    if is_namespace_name(name):
        return []
    return ["can only contain lower case letters and digits, separated by '.', '_' or '-'"]


def faults_of_permissions(namespace: str | None, permissions: Sequence[Scope]) -> list[str]:
    """Say what is wrong with a robot's permissions: a namespace's robot stays in it."""
    if not permissions:
        return ["can't be blank"]
    outside = [each.pattern for each in permissions if each.namespace != namespace]
    if namespace is None or not outside:
        return []
    return [f"'{pattern}' must lie in {namespace}/*" for pattern in outside]
