"""Say who may do what, and why: for oneself, for one's namespaces, and for admins everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portus_auth.domain import permissions
from portus_auth.domain.accounts import fold
from portus_auth.domain.actors import Actor
from portus_auth.domain.explain import explain, fits, reaches
from portus_auth.domain.limits import within
from portus_auth.domain.listing import Slice
from portus_auth.domain.policy import Action, ActorFacts, allowed_actions, grants
from portus_auth.domain.roles import Role
from portus_auth.domain.rules import Rules
from portus_auth.storage import access, namespaces, robots, rules, teams, users
from portus_auth.storage.namespaces import Filter
from portus_auth.storage.paging import Listing
from portus_auth.storage.tables import Namespace, Robot, User
from portus_auth.usecases.credentials import demand_unlimited
from portus_auth.usecases.publish import facts_of, facts_of_robot
from portus_auth.usecases.reasons import (
    beyond_scopes,
    needs,
    permission_for,
    reasons,
    unseen,
    withheld,
)
from portus_shared.errors import Denied, NotFound
from portus_shared.names import namespace_of

_NOBODY = ActorFacts(kind="anonymous")
_STRANGER = ActorFacts(kind="user")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether somebody may do something, by which grants, or else by which one could."""

    allowed: bool
    because: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who may do something: anonymous, any signed-in user, or a user or robot by name."""

    kind: str
    name: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A namespace in which somebody may do something."""

    namespace: str
    actions: tuple[Action, ...]
    because: tuple[str, ...]


def explain_access(
    session: Session, actor: Actor, username: str, repository: str, action: Action
) -> Verdict:
    """Explain one decision; "" is the anonymous user.

    Everybody may ask about themselves and about the anonymous, the owners of a namespace and
    admins about everybody. To whom a namespace is not visible, it looks as if it did not exist.
    """
    name = namespace_of(repository)
    namespace = namespaces.by_name(session, namespaces.registry(session).id, name)
    role = teams.role_of(session, namespace.team_id, actor.user_id) if namespace else None
    visible = namespace is not None and permissions.may_see_namespace(
        actor, role, namespace.visibility
    )
    own = not username or fold(username) == fold(actor.name)
    if not own:
        demand_unlimited(actor)
    if not own and not (actor.admin or (visible and role is Role.OWNER)):
        raise Denied if visible else NotFound
    facts = _facts(session, username)
    if namespace is None or not visible:
        return Verdict(allowed=False, needed=(unseen(name),))
    if not within(actor.scopes, repository, frozenset({action})):
        return Verdict(allowed=False, needed=beyond_scopes(repository, [action]))
    if not facts.enabled:
        return Verdict(allowed=False, needed=(f"{facts.name} is disabled",))
    switches = rules.current(session)
    found = explain(facts, facts_of(namespace), action, switches, repository)
    if facts.kind == "robot":
        needed = () if found.allowed else permission_for(facts.name, repository, [action])
    else:
        needed = needs(namespace, found.needed)
    return Verdict(
        allowed=found.allowed,
        because=reasons(namespace, found.granted_by, facts.name),
        needed=(*withheld(found.withheld_by, switches), *needed),
    )


def who_may(session: Session, actor: Actor, repository: str, action: Action) -> Sequence[Holder]:
    """List who may do something with a repository, for the owners of its namespace and admins."""
    demand_unlimited(actor)
    name = namespace_of(repository)
    namespace = namespaces.by_name(session, namespaces.registry(session).id, name)
    role = teams.role_of(session, namespace.team_id, actor.user_id) if namespace else None
    if namespace is None or not permissions.may_see_namespace(actor, role, namespace.visibility):
        raise NotFound
    if not permissions.may_audit_namespace(actor, role):
        raise Denied
    machines = [facts_of_robot(each) for each in robots.near(session, namespace.id)]
    given = grants(facts_of(namespace), rules.current(session), machines)
    able = [each for each in given if action in each.actions and reaches(each, repository)]
    people = [
        (_actor(user, {namespace.team_id: held} if held else {}), user.username)
        for user, held in access.people_near(session, namespace)
    ]
    named = [(robot, robot.name) for robot in machines if robot.enabled]
    everybody = [(_NOBODY, ""), (_STRANGER, "*"), *people, *named]
    holders = []
    for facts, shown in everybody:
        mine = [grant for grant in able if fits(grant, facts)]
        if mine and (facts.kind != "robot" or any(each.subject for each in mine)):
            because = reasons(namespace, mine, shown)
            holders.append(Holder(kind=facts.kind, name=shown, because=because))
    return holders


def reach(session: Session, actor: Actor, username: str, wanted: Slice) -> Listing[Reached]:
    """List the namespaces in which somebody may do something: oneself, or for admins anybody."""
    demand_unlimited(actor)
    if robot := robots.by_full_name(session, username):
        return _reach_of_robot(session, actor, robot, wanted)
    user = users.by_username(session, username)
    if user is None or not permissions.may_manage_tokens(actor, owner_id=user.id):
        raise NotFound
    if not user.enabled:
        return Listing(items=[], total=0)
    found = namespaces.listing(session, user.id, wanted, everything=user.admin, where=Filter())
    switches = rules.current(session)
    items = [
        _reached(_actor(user, {namespace.team_id: role} if role else {}), namespace, switches)
        for namespace, role in found.items
    ]
    return Listing(items=items, total=found.total)


def _reach_of_robot(
    session: Session, actor: Actor, robot: Robot, wanted: Slice
) -> Listing[Reached]:
    """List the namespaces that a robot has permissions in, for who may manage it."""
    home = robot.namespace
    role = teams.role_of(session, home.team_id, actor.user_id) if home else None
    if not permissions.may_manage_robots(actor, role):
        raise NotFound
    if not robot.user.enabled:
        return Listing(items=[], total=0)
    names = {scope.namespace for scope in robot.permissions}
    among = None if None in names else frozenset(name for name in names if name is not None)
    where = Filter(among=among)
    found = namespaces.listing(session, None, wanted, everything=True, where=where)
    facts, switches = facts_of_robot(robot), rules.current(session)
    items = [_reached(facts, namespace, switches) for namespace, _ in found.items]
    return Listing(items=items, total=found.total)


def _reached(facts: ActorFacts, namespace: Namespace, switches: Rules) -> Reached:
    about = facts_of(namespace)
    machines = (facts,) if facts.kind == "robot" else ()
    mine = [grant for grant in grants(about, switches, machines) if fits(grant, facts)]
    return Reached(
        namespace=namespace.name,
        actions=tuple(sorted(allowed_actions(facts, about, switches))),
        because=reasons(namespace, mine, facts.name),
    )


def _facts(session: Session, username: str) -> ActorFacts:
    if not username:
        return _NOBODY
    if robot := robots.by_full_name(session, username):
        return facts_of_robot(robot)
    user = users.by_username(session, username)
    if user is None:
        raise NotFound(f"There is no user '{username}'")
    return _actor(user, access.roles_of(session, user.id))


def _actor(user: User, roles: Mapping[int, Role]) -> ActorFacts:
    return ActorFacts(
        kind="user",
        name=user.username,
        enabled=user.enabled,
        admin=user.admin,
        roles=roles,
    )
