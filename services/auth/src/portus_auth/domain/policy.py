"""The policy: who may pull, push and delete images in which namespace.

`allowed_actions` decides one request; `grants` says the same as data, for catalog's access
replica. A property test holds the two together. What is not granted here is denied. `rules` are
the installation's switches; they never take away who may pull.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from portus_auth.domain.actors import Kind
from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.rules import PushPolicy, Rules
from portus_shared.names import path_in_namespace
from portus_shared.scopes import Scope, lies_below


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
    """What the policy wants to know of a caller; `roles` is by team id.

    Robots have `permissions` instead of a place among people; global ones got them of an admin.
    """

    kind: Kind
    name: str = ""
    enabled: bool = True
    admin: bool = False
    roles: Mapping[int, Role] = field(default_factory=dict)
    permissions: tuple[Scope, ...] = ()
    is_global: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceFacts:
    """What the policy wants to know of a namespace; `personal_owner` is a user name."""

    visibility: Visibility
    team_id: int
    is_global: bool = False
    personal_owner: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Actions that everybody of one kind gets; several that fit one caller add up.

    `subject` is "" for anonymous callers and admins, "*" for any signed-in user, the name of a
    user or robot, or ``<team id>:<role>``. `path_prefix` narrows a grant within its namespace, as
    `lies_below` says.
    """

    subject_kind: Literal["anonymous", "user", "robot", "team_role", "admin"]
    subject: str
    actions: frozenset[Action]
    path_prefix: str = ""


def allowed_actions(
    actor: ActorFacts,
    namespace: NamespaceFacts | None,
    rules: Rules,
    repository: str | None = None,
) -> frozenset[Action]:
    """Return what `actor` may do in `namespace`; None is a namespace that nobody has created.

    Only robots' rights depend on the `repository`; without it, what they may with some of them.
    """
    if not actor.enabled:
        return NOTHING
    if actor.kind == "service":
        return _allowed_to_service(actor, namespace)
    if namespace is None:
        return NOTHING
    if actor.kind == "robot":
        return _allowed_to_robot(actor, namespace, rules, repository)
    if actor.kind == "anonymous":
        return _allowed_to_public(namespace)
    return _allowed_to_user(actor, namespace, rules)


def may_list_catalog(actor: ActorFacts) -> bool:
    """Tell whether `actor` may list all repositories of a registry (``registry:catalog:*``)."""
    if actor.kind == "service":
        return actor.enabled and actor.name == SYNC
    return actor.enabled and actor.admin and actor.kind == "user"


def grants(
    namespace: NamespaceFacts, rules: Rules, robots: Iterable[ActorFacts] = ()
) -> tuple[Grant, ...]:
    """Return what `allowed_actions` decides in `namespace`, for all who are no service.

    Of robots, for those that are given.
    """
    to_robots = [each for robot in robots for each in _grants_to_robot(robot, namespace, rules)]
    return (*_grants_to_people(namespace, rules), *to_robots)


def _grants_to_people(namespace: NamespaceFacts, rules: Rules) -> tuple[Grant, ...]:
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


def _grants_to_robot(robot: ActorFacts, namespace: NamespaceFacts, rules: Rules) -> Iterable[Grant]:
    """Return a robot's permissions in a namespace, one grant for each path.

    They are worth no more than what the namespace's owners might do themselves, or, where an
    admin gave them to a global robot, than what admins might.
    """
    most = _most_of_robot(robot, namespace, rules)
    found: dict[str, frozenset[Action]] = {}
    for scope in robot.permissions:
        if scope.namespace in {None, namespace.name}:
            actions = frozenset(action for action in most if action in scope.actions)
            found[scope.path_prefix] = found.get(scope.path_prefix, NOTHING) | actions
    return (
        Grant(subject_kind="robot", subject=robot.name, actions=actions, path_prefix=prefix)
        for prefix, actions in found.items()
        if actions
    )


def _most_of_robot(robot: ActorFacts, namespace: NamespaceFacts, rules: Rules) -> frozenset[Action]:
    if robot.is_global:
        return _of_admin(rules)
    return _of_personal_owner(rules) if namespace.personal_owner else _of_role(Role.OWNER, rules)


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


def _allowed_to_user(
    actor: ActorFacts, namespace: NamespaceFacts, rules: Rules
) -> frozenset[Action]:
    if actor.admin:
        return _of_admin(rules)
    own = _of_personal_owner(rules) if _is_own(namespace, actor) else NOTHING
    return own | _allowed_to_role(actor, namespace, rules) | _allowed_to_strangers(namespace)


def _allowed_to_robot(
    robot: ActorFacts, namespace: NamespaceFacts, rules: Rules, repository: str | None
) -> frozenset[Action]:
    # The public's part, not the colleagues': what is protected is open to people.
    allowed = _allowed_to_public(namespace)
    path = None if repository is None else path_in_namespace(repository)
    for grant in _grants_to_robot(robot, namespace, rules):
        if path is None or lies_below(grant.path_prefix, path):
            allowed |= grant.actions
    return allowed


def _allowed_to_role(
    actor: ActorFacts, namespace: NamespaceFacts, rules: Rules
) -> frozenset[Action]:
    # The global namespace belongs to the admins; a role in its team, should one exist, is no key.
    role = None if namespace.is_global else actor.roles.get(namespace.team_id)
    return _of_role(role, rules) if role else NOTHING


def _allowed_to_public(namespace: NamespaceFacts) -> frozenset[Action]:
    return _PULL if namespace.visibility is Visibility.PUBLIC else NOTHING


def _allowed_to_strangers(namespace: NamespaceFacts) -> frozenset[Action]:
    return NOTHING if namespace.visibility is Visibility.PRIVATE else _PULL


def _is_own(namespace: NamespaceFacts, actor: ActorFacts) -> bool:
    return bool(actor.name) and not namespace.is_global and namespace.personal_owner == actor.name


def _grant_to(team_id: int, role: Role, rules: Rules) -> Grant:
    return Grant(
        subject_kind="team_role", subject=f"{team_id}:{role}", actions=_of_role(role, rules)
    )
