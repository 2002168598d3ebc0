"""Grants in words: why somebody may do something, or what they would need."""

from __future__ import annotations

from collections.abc import Iterable

from portus_auth.domain.policy import Grant
from portus_auth.domain.rules import SETTINGS, Rules
from portus_auth.storage.tables import Namespace
from portus_shared.config import PREFIX
from portus_shared.names import GLOBAL
from portus_shared.scopes import ALONE


def reasons(namespace: Namespace, found: Iterable[Grant], name: str) -> tuple[str, ...]:
    """Say by which grants `name` may do something."""
    return tuple(_reason(namespace, grant, name) for grant in _told(namespace, found))


def needs(namespace: Namespace, found: Iterable[Grant]) -> tuple[str, ...]:
    """Say which grants would do."""
    return tuple(_need(namespace, grant) for grant in _told(namespace, found))


def withheld(switch: str | None, rules: Rules) -> tuple[str, ...]:
    """Say which switch keeps somebody from what their place in the namespace would let them do."""
    if switch is None:
        return ()
    setting = f"{PREFIX}{SETTINGS[switch]}"
    if switch == "push_images":
        return (f"pushing is restricted here: {setting} is {rules.push_images}",)
    return (f"deleting is switched off here: {setting} is false",)


def unseen(name: str) -> str:
    """Say of a namespace all that may be told to who cannot see it."""
    return f"You see no namespace '{name}': create it in a team, or ask to be let in"


def permission_for(name: str, repository: str, actions: Iterable[str]) -> tuple[str, ...]:
    """Say which permission a robot would need."""
    words = ",".join(actions)
    return (f"give {name} the permission {repository}:{words}",) if words else ()


def beyond_scopes(repository: str, actions: Iterable[str]) -> tuple[str, ...]:
    """Say what a token lacks whose owner may do more than its scopes say."""
    words = ",".join(actions)
    return (
        (f"use a token without scopes, or with {repository}:{words} among them",) if words else ()
    )


def _told(namespace: Namespace, found: Iterable[Grant]) -> list[Grant]:
    """Leave out the hidden team of a personal namespace: its owner is told already."""
    hidden = namespace.team.hidden
    return [grant for grant in found if not (hidden and grant.subject_kind == "team_role")]


def _reason(namespace: Namespace, grant: Grant, name: str) -> str:
    match grant.subject_kind, grant.subject:
        case "admin", _:
            return f"{name} is an admin"
        case "anonymous", _:
            return f"{namespace.name} is public"
        case "user", "*":
            return f"{namespace.name} is {namespace.visibility}: every signed-in user may"
        case "robot", _:
            return f"{name} has the permission {_pattern(namespace.name, grant.path_prefix)}"
        case "team_role", subject:
            return f"{name} is {subject.partition(':')[2]} in the team {namespace.team.name}"
    return f"{namespace.name} is the personal namespace of {name}"


def _pattern(namespace: str, prefix: str) -> str:
    """Return a grant's part of a namespace as permissions write it."""
    if not prefix:
        return f"{namespace}/*"
    within = "" if namespace == GLOBAL else f"{namespace}/"
    return within + (prefix.removeprefix(ALONE) if prefix.startswith(ALONE) else f"{prefix}/*")


def _need(namespace: Namespace, grant: Grant) -> str:
    match grant.subject_kind, grant.subject:
        case "admin", _:
            return "be an admin"
        case "anonymous", _:
            return "come without credentials"
        case "user", "*":
            return "sign in"
        case "team_role", subject:
            return f"be {subject.partition(':')[2]} in the team {namespace.team.name}"
    return f"be {grant.subject}, whose personal namespace it is"
