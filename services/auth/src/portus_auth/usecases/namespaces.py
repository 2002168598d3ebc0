"""Create, list and change namespaces."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from portus_auth.domain import permissions
from portus_auth.domain.actors import Actor
from portus_auth.domain.faults import reject
from portus_auth.domain.leftovers import Leftovers
from portus_auth.domain.limits import seen_namespaces, within_namespace
from portus_auth.domain.listing import Slice
from portus_auth.domain.policy import Action, ActorFacts, allowed_actions
from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.rules import Rules
from portus_auth.domain.titles import faults_of_description
from portus_auth.storage import namespaces, rules, teams
from portus_auth.storage.namespaces import Filter
from portus_auth.storage.paging import Listing
from portus_auth.storage.tables import Namespace, Team
from portus_auth.usecases import publish
from portus_auth.usecases.names import faults_of_new_name, pass_on
from portus_auth.usecases.rules import refusal
from portus_auth.usecases.teams import show_team
from portus_shared.clock import next_revision
from portus_shared.errors import Conflict, Denied, NotFound


class Untransferable(Conflict):
    """Say that a namespace belongs where it is."""

    code = "untransferable"
    default_message = "Personal namespaces and the global namespace cannot change their team"


class BeingEmptied(Conflict):
    """Say that a deleted namespace cannot come back any more."""

    code = "being-emptied"
    default_message = (
        "Its images are being deleted, so it cannot be adopted: its name is free when they are gone"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceView:
    """A namespace as one actor sees it, with what they may do to its images."""

    namespace: Namespace
    role: Role | None
    actions: tuple[Action, ...]

    @property
    def personal(self) -> bool:
        """Tell whether the namespace is somebody's own."""
        return self.namespace.owner_id is not None

    @property
    def leftovers(self) -> Leftovers | None:
        """Return what becomes of the images of a deleted namespace."""
        if self.namespace.deleted_at is None:
            return None
        return self.namespace.leftovers or Leftovers.KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceChange:
    """What is to be different about a namespace; None leaves a value alone."""

    name: str | None = None
    description: str | None = None
    visibility: Visibility | None = None
    team: str | None = None


def create_namespace(
    session: Session,
    actor: Actor,
    name: str,
    team_name: str,
    description: str,
    *,
    adopt: bool = False,
) -> NamespaceView:
    """Create a private namespace in a team.

    With `adopt` an admin brings back a deleted one of this name, and with it what lies under it.
    """
    revision = next_revision(session)
    team, role = _team(session, actor, team_name)
    switches = rules.current(session)
    if not permissions.may_create_namespace(actor, role, switches, hidden=team.hidden):
        raise refusal(actor, switches, "create_namespace", "create namespaces")
    if adopt and not permissions.may_adopt_namespace(actor):
        raise Denied
    registry = namespaces.registry(session)
    held = namespaces.held(session, registry.id, name) if adopt else None
    if held is not None and held.leftovers is Leftovers.DELETING:
        raise BeingEmptied
    faults = {"name": [] if _is_kept(held) else faults_of_new_name(session, name, {team.id})}
    faults["description"] = faults_of_description(description)
    reject(faults)
    if held is None:
        pass_on(session, registry.id, name, team, revision)
    namespace = held or Namespace(registry_id=registry.id, name=name, is_global=False)
    namespace.team, namespace.owner, namespace.deleted_at = team, None, None
    namespace.leftovers = namespace.name_rests_until = None
    namespace.description, namespace.visibility = description, Visibility.PRIVATE
    namespace.touch(revision)
    session.add(namespace)
    session.flush()
    publish.namespace_changed(session, namespace, registry)
    return _view(actor, namespace, role, switches)


def list_namespaces(
    session: Session, actor: Actor, wanted: Slice, where: Filter
) -> Listing[NamespaceView]:
    """List what the actor may pull from, or for admins the deleted ones, whose names are held."""
    if where.held and (actor.is_limited or not permissions.may_adopt_namespace(actor)):
        raise Denied
    if where.team_id is not None:
        show_team(session, actor, where.team_id)
    where = replace(where, among=seen_namespaces(actor.scopes))
    found = namespaces.listing(session, actor.user_id, wanted, everything=actor.admin, where=where)
    switches = rules.current(session)
    views = [_view(actor, namespace, role, switches) for namespace, role in found.items]
    return Listing(items=views, total=found.total)


def show_namespace(session: Session, actor: Actor, namespace_id: int) -> NamespaceView:
    """Return one namespace; 404 for whoever may not pull from it."""
    namespace = namespaces.by_id(session, namespace_id)
    if namespace is None:
        raise NotFound
    role = teams.role_of(session, namespace.team_id, actor.user_id)
    among = seen_namespaces(actor.scopes)
    hidden = among is not None and namespace.name not in among
    if hidden or not permissions.may_see_namespace(actor, role, namespace.visibility):
        raise NotFound
    return _view(actor, namespace, role, rules.current(session))


def update_namespace(
    session: Session, actor: Actor, namespace_id: int, change: NamespaceChange
) -> NamespaceView:
    """Describe a namespace, change its visibility, or hand it to another team."""
    revision = next_revision(session)
    view = show_namespace(session, actor, namespace_id)
    namespace, switches = view.namespace, rules.current(session)
    _demand_may_change(actor, view, change, switches)
    _check(namespace, change)
    if change.description is not None:
        namespace.description = change.description
    namespace.visibility = change.visibility or namespace.visibility
    if change.team not in {None, namespace.team.name}:
        _transfer(session, actor, namespace, change.team or "")
    namespace.touch(revision)
    session.flush()
    publish.namespace_changed(session, namespace, namespaces.registry(session))
    role = teams.role_of(session, namespace.team_id, actor.user_id)
    return _view(actor, namespace, role, switches)


def _is_kept(held: Namespace | None) -> bool:
    """Tell whether images lie under a deleted namespace, with which an admin brings it back."""
    return held is not None and held.leftovers is not Leftovers.GONE


def _check(namespace: Namespace, change: NamespaceChange) -> None:
    faults = {"description": faults_of_description(change.description or "")}
    if change.name not in {None, namespace.name}:
        faults["name"] = ["cannot be changed: images in the registry keep the old name"]
    if namespace.is_global and change.visibility is Visibility.PRIVATE:
        faults["visibility"] = ["global namespace cannot be private"]
    reject(faults)


def _demand_may_change(
    actor: Actor, view: NamespaceView, change: NamespaceChange, switches: Rules
) -> None:
    """Raise `Denied` unless each part of a change is the actor's to make; one that is none, too."""
    namespace, role = view.namespace, view.role
    shown = change.visibility not in {None, namespace.visibility}
    if shown and not permissions.may_change_visibility(
        actor, role, switches, is_global=namespace.is_global
    ):
        raise refusal(actor, switches, "change_visibility", "change the visibility of namespaces")
    only_shown = shown and change.name is change.description is change.team is None
    if not only_shown and not permissions.may_manage_namespace(actor, role, switches):
        raise refusal(actor, switches, "manage_namespace", "change namespaces")


def team_to_receive(session: Session, actor: Actor, name: str) -> Team:
    """Return a team that the actor may give a namespace to."""
    team, role = _team(session, actor, name)
    switches = rules.current(session)
    if not permissions.may_transfer_to(actor, role, switches, hidden=team.hidden):
        raise refusal(actor, switches, "create_namespace", "create namespaces")
    return team


def _transfer(session: Session, actor: Actor, namespace: Namespace, team_name: str) -> None:
    if namespace.is_global or namespace.owner_id is not None:
        raise Untransferable
    namespace.team = team_to_receive(session, actor, team_name)


def _team(session: Session, actor: Actor, name: str) -> tuple[Team, Role | None]:
    """Return a team that the actor can see; hidden and foreign ones look as if there were none."""
    team = teams.by_name(session, name)
    role = teams.role_of(session, team.id, actor.user_id) if team else None
    if team is None or not permissions.may_see_team(actor, role, hidden=team.hidden):
        raise NotFound(f"unknown team '{name}'")
    return team, role


def _view(actor: Actor, namespace: Namespace, role: Role | None, switches: Rules) -> NamespaceView:
    if namespace.deleted_at is not None:
        return NamespaceView(namespace=namespace, role=None, actions=())
    facts = ActorFacts(
        kind=actor.kind,
        name=actor.name,
        admin=actor.admin,
        roles={namespace.team_id: role} if role else {},
    )
    allowed = allowed_actions(facts, publish.facts_of(namespace), switches)
    actions = within_namespace(actor.scopes, namespace.name, allowed)
    return NamespaceView(namespace=namespace, role=role, actions=tuple(sorted(actions)))
