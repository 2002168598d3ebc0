"""Rules for the names of teams, namespaces and applications."""

from __future__ import annotations

from typing import Final

from portus_shared.names import REPOSITORY_MAX, is_namespace_name

TITLE_MAX: Final = 255
DESCRIPTION_MAX: Final = 10_000
_GRAMMAR: Final = (
    "can only contain lower case alphanumeric characters, separated by one of '.', '_', '__' "
    "or any number of '-', and cannot start or end with a separator"
)


def faults_of_title(title: str) -> list[str]:
    """Say what is wrong with the name of a team or an application: any printable text will do."""
    if not title.strip():
        return ["can't be blank"]
    if len(title) > TITLE_MAX:
        return [f"is too long (maximum is {TITLE_MAX} characters)"]
    return [] if title.isprintable() else ["cannot contain control characters"]


def faults_of_namespace(name: str) -> list[str]:
    """Say what is wrong with a namespace name, by the registry's own grammar."""
    if not name:
        return ["can't be blank"]
    if len(name) > REPOSITORY_MAX:
        return [f"is too long (maximum is {REPOSITORY_MAX} characters)"]
    if is_namespace_name(name):
        return []
    return [_GRAMMAR]


def faults_of_description(description: str) -> list[str]:
    """Say what is wrong with a description."""
    if len(description) > DESCRIPTION_MAX:
        return [f"is too long (maximum is {DESCRIPTION_MAX} characters)"]
    return ["cannot contain NUL"] if "\x00" in description else []
