"""Delete accounts, teams and namespaces, so that nothing is left without an owner.

Rows stay, marked as deleted: names of accounts are held until an admin releases them, those of
namespaces until the registry has nothing left under them (ADR 0011 and 0016). From the commit on
nobody reaches the images; catalog and sync delete them, or leave them for an admin to adopt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portus_auth.domain import permissions
from portus_auth.domain.actors import Actor
from portus_auth.domain.leftovers import Leftovers
from portus_auth.storage import (
    namespaces,
    refresh_tokens,
    robots,
    rules,
    sign_ins,
    teams,
    tokens,
    users,
)
from portus_auth.storage.tables import Namespace, Team, User
from portus_auth.usecases import audit, publish
from portus_auth.usecases.accounts import LastAdmin, demand_admin
from portus_auth.usecases.namespaces import show_namespace, team_to_receive
from portus_auth.usecases.robots import retire_robot
from portus_auth.usecases.rules import SwitchedOff, refusal
from portus_auth.usecases.teams import LastOwner, show_team
from portus_shared.clock import next_revision, now
from portus_shared.errors import Conflict, NotFound, Rejected


class Undeletable(Rejected):
    """Say that a namespace stays as long as what it belongs to."""

    code = "undeletable"


class OwnAccount(Conflict):
    """Say that admins do not delete themselves."""

    code = "own-account"
    default_message = "Another admin must delete this account: it is your own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What becomes of the images, and for how long tokens that were given before may be used."""

    keep_images: bool
    tokens_last: timedelta


def delete_namespace(session: Session, actor: Actor, namespace_id: int, terms: Terms) -> None:
    """Delete a namespace of a team with its images, or without: then its name is held.

    An admin deletes the kept images of one that is deleted already.
    """
    revision = next_revision(session)
    switches = rules.current(session)
    kept = _kept(session, actor, namespace_id)
    if kept is not None and permissions.may_delete_namespace(actor, None, switches):
        if not terms.keep_images:
            _retire(session, actor, kept, revision, terms)
        return
    view = show_namespace(session, actor, namespace_id)
    if not permissions.may_delete_namespace(actor, view.role, switches):
        raise refusal(actor, switches, "delete_images", "delete namespaces")
    if view.namespace.is_global:
        raise Undeletable("Cannot remove the global namespace")
    if view.personal:
        raise Undeletable("Cannot remove personal namespace")
    _retire(session, actor, view.namespace, revision, terms)


def note_emptied(session: Session, namespace_id: int, revision: int) -> None:
    """Give a deleted namespace's name free: the registry has nothing left under it.

    `revision` is that of the deletion which this is about; adopted since, it keeps its name.
    """
    stamp = next_revision(session)
    namespace = namespaces.deleted_by_id(session, namespace_id)
    if namespace is None or namespace.leftovers is not Leftovers.DELETING:
        return
    if namespace.revision <= revision:
        namespace.leftovers = Leftovers.GONE
        namespace.touch(stamp)


def delete_team(
    session: Session, actor: Actor, team_id: int, heir: str | None, terms: Terms
) -> None:
    """Delete a team; its namespaces go to the team named `heir`, or are deleted with it."""
    revision = next_revision(session)
    view, switches = show_team(session, actor, team_id), rules.current(session)
    team = view.team
    if not permissions.may_delete_team(actor, view.role, switches, hidden=team.hidden):
        raise refusal(actor, switches, "delete_images", "delete teams")
    receiver = None if heir is None else team_to_receive(session, actor, heir)
    if receiver is team:
        raise Rejected(fields={"new_team": ["is the team itself"]})
    for namespace in namespaces.of_team(session, team.id):
        _hand_over(session, actor, namespace, revision, terms, receiver=receiver)
    _dissolve(session, team, revision)


def delete_user(
    session: Session, actor: Actor, user_id: int, heir: str | None, terms: Terms
) -> None:
    """Delete an account with all that lets it in; its name is held, its address is free.

    The personal namespace goes to the team named `heir`, or is deleted like any other. Raises
    `LastAdmin`, and `LastOwner` naming the teams that nobody else owns.
    """
    demand_admin(actor)
    revision = next_revision(session)
    user = users.by_id(session, user_id)
    if user is None:
        raise NotFound
    if user.id == actor.user_id:
        raise OwnAccount
    receiver = None if heir is None else team_to_receive(session, actor, heir)
    _leave_teams(session, user, revision)
    personal = namespaces.personal_of(session, user.id)
    if personal is not None and receiver is None and not rules.current(session).delete_images:
        raise SwitchedOff("Deletion is off here: name the team that takes the personal namespace")
    if personal is not None:
        home, personal.owner = personal.team, None
        _hand_over(session, actor, personal, revision, terms, receiver=receiver)
        _dissolve(session, home, revision)
    _shut_out(session, user, revision)
    if users.count_enabled_admins(session) == 0:
        raise LastAdmin
    publish.user_deleted(session, user)


def release_name(session: Session, actor: Actor, user_id: int) -> None:
    """Let the name of a deleted account be given to somebody else."""
    demand_admin(actor)
    revision = next_revision(session)
    user = users.deleted_by_id(session, user_id)
    if user is None:
        raise NotFound
    # No name can contain a space, and so none can ever be equal to this key.
    user.username_key = f"released {user.id}"
    user.touch(revision)
    audit.note(session, "user.release_name", f"user {user.username}")


def _leave_teams(session: Session, user: User, revision: int) -> None:
    # The hidden team goes with the personal namespace.
    memberships = [each for each in teams.memberships_of(session, user.id) if not each.team.hidden]
    orphaned = [each.team.name for each in memberships if teams.is_only_owner(session, each)]
    if orphaned:
        names = ", ".join(sorted(orphaned))
        raise LastOwner(f"{user.username} is the only owner of: {names}")
    for each in memberships:
        each.remove(revision)
        each.team.touch(revision)
        publish.team_changed(session, each.team)


def _shut_out(session: Session, user: User, revision: int) -> None:
    for token in tokens.of_user(session, user.id):
        token.remove(revision)
    for login in refresh_tokens.of_user(session, user.id):
        login.remove(revision)
    sign_ins.revoke_all_of(session, user.id)
    user.email = user.email_key = user.password_hash = None
    user.remove(revision)
    session.flush()


def _hand_over(
    session: Session,
    actor: Actor,
    namespace: Namespace,
    revision: int,
    terms: Terms,
    *,
    receiver: Team | None,
) -> None:
    if receiver is None:
        _retire(session, actor, namespace, revision, terms)
        return
    namespace.team = receiver
    namespace.touch(revision)
    session.flush()
    publish.namespace_changed(session, namespace, namespaces.registry(session))


def _kept(session: Session, actor: Actor, namespace_id: int) -> Namespace | None:
    """Return a deleted namespace whose images were kept, to those who may adopt it."""
    found = namespaces.deleted_by_id(session, namespace_id)
    if found is None or not permissions.may_adopt_namespace(actor):
        return None
    return found if found.leftovers in {None, Leftovers.KEPT} else None


def _retire(
    session: Session, actor: Actor, namespace: Namespace, revision: int, terms: Terms
) -> None:
    for robot in robots.of_namespace(session, namespace.id):
        retire_robot(session, robot, revision)
    namespace.remove(revision)
    namespace.leftovers = Leftovers.KEPT if terms.keep_images else Leftovers.DELETING
    # Told to the second, and so not before the second is over.
    until = now().replace(microsecond=0) + timedelta(seconds=1) + terms.tokens_last
    namespace.name_rests_until = namespace.name_rests_until or until
    session.flush()
    registry = namespaces.registry(session)
    publish.namespace_deleted(session, namespace, registry, by=actor.name)


def _dissolve(session: Session, team: Team, revision: int) -> None:
    for member in teams.memberships_in(session, team.id):
        member.remove(revision)
    team.remove(revision)
    session.flush()
    publish.team_deleted(session, team)
