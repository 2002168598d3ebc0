"""Robots: what machines sign in as, with permissions of their own and two tokens to change keys.

A namespace's robots are its owners' matter and go with it; global ones are the admins'. A robot
has no password, no browser, no namespace and no place in a team.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain import permissions
from portus_auth.domain.accounts import fold
from portus_auth.domain.actors import Actor
from portus_auth.domain.faults import reject
from portus_auth.domain.listing import Slice
from portus_auth.domain.robots import faults_of_permissions, faults_of_robot, full_name
from portus_auth.domain.secrets import KeyedHash
from portus_auth.domain.titles import faults_of_description
from portus_auth.storage import namespaces, refresh_tokens, robots, teams, tokens, users
from portus_auth.storage.paging import Listing
from portus_auth.storage.robots import Keys
from portus_auth.storage.tables import Namespace, Robot, User
from portus_auth.usecases import publish
from portus_auth.usecases.tokens import NewToken, add_token, demand_no_longer, make_room
from portus_shared.clock import next_revision
from portus_shared.config import PREFIX
from portus_shared.errors import Conflict, Denied, NotFound
from portus_shared.scopes import Scope

MAX_TOKENS: Final = 2
SETTING: Final = "ROBOTS_PER_NAMESPACE"


class TooManyRobotTokens(Conflict):
    """Say that a robot has the token it uses and the one it is changing to."""

    code = "too-many-tokens"
    default_message = f"A robot has {MAX_TOKENS} tokens at most: delete the one it no longer uses"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRobot:
    """A robot to be made; without a namespace it is global."""

    name: str
    namespace: str | None
    description: str
    permissions: Sequence[Scope]


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotChange:
    """What is to be different about a robot; None leaves a value alone."""

    description: str | None = None
    permissions: Sequence[Scope] | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotView:
    """A robot with what is known of its tokens, and the first secret once, when it is made."""

    robot: Robot
    keys: Keys
    plain_token: str | None = None


def list_robots(
    session: Session, actor: Actor, wanted: Slice, namespace: str | None
) -> Listing[RobotView]:
    """List the robots of the namespaces that the actor owns, or for admins all robots."""
    owner_id = None if actor.admin else actor.user_id or 0
    found = robots.listing(session, owner_id, namespace, wanted)
    keys = robots.keys_of(session, [each.user_id for each in found.items])
    views = [RobotView(robot=each, keys=keys.get(each.user_id, Keys())) for each in found.items]
    return Listing(items=views, total=found.total)


def show_robot(session: Session, actor: Actor, robot_id: int) -> RobotView:
    """Return one robot; 404 for whoever may not manage it."""
    robot = robots.by_id(session, robot_id)
    if robot is None or not _may_manage(session, actor, robot.namespace):
        raise NotFound
    keys = robots.keys_of(session, [robot.user_id])
    return RobotView(robot=robot, keys=keys.get(robot.user_id, Keys()))


def create_robot(
    session: Session, actor: Actor, hashes: KeyedHash, new: NewRobot, first: NewToken, *, most: int
) -> RobotView:
    """Make a robot and give it its first token; a namespace has `most`, and as many are global."""
    revision = next_revision(session)
    namespace = None if new.namespace is None else _namespace(session, actor, new.namespace)
    if not _may_manage(session, actor, namespace):
        raise Denied
    username = full_name(new.namespace, new.name)
    faults = {
        "name": faults_of_robot(new.namespace, new.name),
        "permissions": faults_of_permissions(new.namespace, new.permissions),
        "description": faults_of_description(new.description),
        "namespace": _faults_of_number(session, namespace, most),
    }
    if users.username_is_taken(session, username):
        faults["name"].append("has already been taken")
    reject(faults)
    user = _add_account(session, username, revision)
    robot = Robot(user=user, namespace=namespace, name=new.name, description=new.description)
    robot.permissions, robot.created_by = tuple(new.permissions), actor.name
    robot.touch(revision)
    session.add(robot)
    session.flush()
    demand_no_longer(actor, first)
    make_room(session, user, first, most=TooManyRobotTokens, limit=MAX_TOKENS)
    given = add_token(session, hashes, user, first)
    _tell(session, new.permissions, revision)
    return RobotView(robot=robot, keys=Keys(count=1), plain_token=given.plain_token)


def update_robot(session: Session, actor: Actor, robot_id: int, change: RobotChange) -> RobotView:
    """Describe a robot, change what it may do, or shut it out and let it in again."""
    revision = next_revision(session)
    view = show_robot(session, actor, robot_id)
    robot, namespace = view.robot, view.robot.namespace
    faults = {"description": faults_of_description(change.description or "")}
    if change.permissions is not None:
        name = namespace.name if namespace else None
        faults["permissions"] = faults_of_permissions(name, change.permissions)
    reject(faults)
    if change.description is not None:
        robot.description = change.description
    if change.enabled is not None:
        _enable(session, robot.user, enabled=change.enabled, revision=revision)
    robot.touch(revision)
    if change.permissions is not None:
        former, robot.permissions = robot.permissions, tuple(change.permissions)
        _tell(session, [*former, *change.permissions], revision)
    session.flush()
    return view


def delete_robot(session: Session, actor: Actor, robot_id: int) -> None:
    """Delete a robot with its tokens; its name may be given to another."""
    revision = next_revision(session)
    robot = show_robot(session, actor, robot_id).robot
    retire_robot(session, robot, revision)
    _tell(session, robot.permissions, revision)


def retire_robot(session: Session, robot: Robot, revision: int) -> None:
    """Delete a robot without asking who wants it: the caller has decided."""
    user = robot.user
    for token in tokens.of_user(session, user.id):
        token.remove(revision)
    for login in refresh_tokens.of_user(session, user.id):
        login.remove(revision)
    # No name can contain a space, and so none can ever be equal to this key.
    user.username_key = f"released {user.id}"
    user.enabled = False
    user.remove(revision)
    robot.remove(revision)
    session.flush()
    publish.user_deleted(session, user)


def _may_manage(session: Session, actor: Actor, namespace: Namespace | None) -> bool:
    role = teams.role_of(session, namespace.team_id, actor.user_id) if namespace else None
    return permissions.may_manage_robots(actor, role)


def _namespace(session: Session, actor: Actor, name: str) -> Namespace:
    """Return a namespace that the actor can see, and that can have robots of its own."""
    found = namespaces.by_name(session, namespaces.registry(session).id, name)
    role = teams.role_of(session, found.team_id, actor.user_id) if found else None
    if found is None or not permissions.may_see_namespace(actor, role, found.visibility):
        raise NotFound(f"unknown namespace '{name}'")
    if found.is_global:
        reject({"namespace": ["is the global one: leave it out for a global robot"]})
    return found


def _faults_of_number(session: Session, namespace: Namespace | None, most: int) -> list[str]:
    if robots.count_of(session, namespace.id if namespace else None) < most:
        return []
    where = f"of {namespace.name}" if namespace else "without a namespace"
    setting = f"{PREFIX}{SETTING}"
    return [f"{most} robots {where} are all that {setting} allows: delete one that is not used"]


def _add_account(session: Session, username: str, revision: int) -> User:
    user = User(
        username=username,
        username_key=fold(username),
        admin=False,
        enabled=True,
        bot=True,
        robot=True,
    )
    user.touch(revision)
    session.add(user)
    session.flush()
    publish.user_changed(session, user)
    return user


def _enable(session: Session, user: User, *, enabled: bool, revision: int) -> None:
    user.enabled = enabled
    user.touch(revision)
    if not enabled:
        for login in refresh_tokens.of_user(session, user.id):
            login.remove(revision)
    session.flush()
    publish.user_changed(session, user)


def _tell(session: Session, about: Sequence[Scope], revision: int) -> None:
    """Tell the namespaces that some permissions are for what everybody may do there now."""
    session.flush()
    names = {scope.namespace for scope in about}
    touched = namespaces.named(session, None if None in names else names)
    for namespace in touched:
        namespace.touch(revision)
    session.flush()
    publish.namespaces_changed(session, touched)
