"""The policy: who may pull, push and delete images in which namespace.

`allowed_actions` decides one request; `grants` says the same as data, for catalog's access
replica. A property test holds the two together. What is not granted here is denied. `rules` are
the installation's switches; they never take away who may pull.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from portus_auth.domain.actors import Kind
from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.rules import PushPolicy, Rules


class Action(StrEnum):
    """What a token lets somebody do with the images of a repository, as registries name it."""

    PULL = "pull"
    PUSH = "push"
    DELETE = "delete"


SYNC: Final = "_sync"
"""The service that speaks to registries; no person can have a name that starts with `_`."""

NOTHING: Final[frozenset[Action]] = frozenset()
_PULL: Final = frozenset({Action.PULL})
_EVERYTHING: Final = frozenset(Action)
# Reading and removing what somebody once pushed under a name that Portus no longer knows.
_TIDYING: Final = frozenset({Action.PULL, Action.DELETE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorFacts:
    """What the policy wants to know of a caller; `roles` is by team id."""

    kind: Kind
    name: str = ""
    enabled: bool = True
    admin: bool = False
    roles: Mapping[int, Role] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceFacts:
    """What the policy wants to know of a namespace; `personal_owner` is a user name."""

    visibility: Visibility
    team_id: int
    is_global: bool = False
    personal_owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Actions that everybody of one kind gets; several that fit one caller add up.

    `subject` is "" for anonymous callers and admins, "*" for any signed-in user, a user name, or
    ``<team id>:<role>``. `path_prefix` narrows a grant within its namespace, "" does not.
    """

    subject_kind: Literal["anonymous", "user", "robot", "team_role", "admin"]
    subject: str
    actions: frozenset[Action]
    path_prefix: str = ""


def allowed_actions(
    actor: ActorFacts, namespace: NamespaceFacts | None, rules: Rules
) -> frozenset[Action]:
    """Return what `actor` may do in `namespace`; None is a namespace that nobody has created."""
    if not actor.enabled:
        return NOTHING
    if actor.kind == "service":
        return _allowed_to_service(actor, namespace)
    if namespace is None:
        return NOTHING
    if actor.kind == "anonymous":
        return _PULL if namespace.visibility is Visibility.PUBLIC else NOTHING
    if actor.admin:
        return _of_admin(rules)
    own = _of_personal_owner(rules) if _is_own(namespace, actor) else NOTHING
    return own | _allowed_to_role(actor, namespace, rules) | _allowed_to_strangers(namespace)


def may_list_catalog(actor: ActorFacts) -> bool:
    """Tell whether `actor` may list all repositories of a registry (``registry:catalog:*``)."""
    if actor.kind == "service":
        return actor.enabled and actor.name == SYNC
    return actor.enabled and actor.admin and actor.kind != "anonymous"


def grants(namespace: NamespaceFacts, rules: Rules) -> tuple[Grant, ...]:
    """Return what `allowed_actions` decides in `namespace`, for all who are no service."""
    given = [Grant(subject_kind="admin", subject="", actions=_of_admin(rules))]
    if namespace.visibility is Visibility.PUBLIC:
        given.append(Grant(subject_kind="anonymous", subject="", actions=_PULL))
    if namespace.visibility is not Visibility.PRIVATE:
        given.append(Grant(subject_kind="user", subject="*", actions=_PULL))
    if namespace.is_global:
        return tuple(given)
    if namespace.personal_owner:
        owner, actions = namespace.personal_owner, _of_personal_owner(rules)
        given.append(Grant(subject_kind="user", subject=owner, actions=actions))
    return (*given, *(_grant_to(namespace.team_id, role, rules) for role in Role))


def _of_admin(rules: Rules) -> frozenset[Action]:
    return _actions(push=True, delete=rules.delete_images)


def _of_personal_owner(rules: Rules) -> frozenset[Action]:
    return _actions(push=rules.push_images is not PushPolicy.ADMIN_ONLY, delete=rules.delete_images)


def _of_role(role: Role, rules: Rules) -> frozenset[Action]:
    pushes = rules.push_images is PushPolicy.ALLOW_TEAMS and role.reaches(Role.CONTRIBUTOR)
    deleter = Role.CONTRIBUTOR if rules.contributors_delete else Role.OWNER
    return _actions(push=pushes, delete=rules.delete_images and role.reaches(deleter))


def _actions(*, push: bool, delete: bool) -> frozenset[Action]:
    pushing = {Action.PUSH} if push else NOTHING
    return _PULL | pushing | ({Action.DELETE} if delete else NOTHING)


def _allowed_to_service(actor: ActorFacts, namespace: NamespaceFacts | None) -> frozenset[Action]:
    if actor.name != SYNC:
        return NOTHING
    return _TIDYING if namespace is None else _EVERYTHING


def _allowed_to_role(
    actor: ActorFacts, namespace: NamespaceFacts, rules: Rules
) -> frozenset[Action]:
    # The global namespace belongs to the admins; a role in its team, should one exist, is no key.
    role = None if namespace.is_global else actor.roles.get(namespace.team_id)
    return _of_role(role, rules) if role else NOTHING


def _allowed_to_strangers(namespace: NamespaceFacts) -> frozenset[Action]:
    return NOTHING if namespace.visibility is Visibility.PRIVATE else _PULL


def _is_own(namespace: NamespaceFacts, actor: ActorFacts) -> bool:
    return bool(actor.name) and not namespace.is_global and namespace.personal_owner == actor.name


def _grant_to(team_id: int, role: Role, rules: Rules) -> Grant:
    return Grant(
        subject_kind="team_role", subject=f"{team_id}:{role}", actions=_of_role(role, rules)
    )
