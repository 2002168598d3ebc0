"""Keep the replica of what auth decided: whole states, newest revision wins."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portus_catalog.domain.access import Grant, Subject
from portus_catalog.storage import replication, wipes
from portus_catalog.storage.replica import NamespaceRow, RegistryRow, TeamRow, UserRow
from portus_catalog.usecases import empty, publish
from portus_shared.clock import now
from portus_shared.contracts import auth


def keep_registry(session: Session, event: auth.RegistryChanged) -> None:
    """Store one registry's state."""
    values = {
        "name": event.registry,
        "external_host": event.external_host,
        "revision": event.revision,
    }
    replication.put(session, RegistryRow, values, key=["name"])


def keep_namespace(session: Session, event: auth.NamespaceChanged) -> None:
    """Store one namespace's state with its grants."""
    values = {
        "registry": event.registry,
        "name": event.namespace,
        "namespace_id": event.namespace_id,
        "team_id": event.team_id,
        "visibility": event.visibility,
        "description": event.description,
        "revision": event.revision,
    }
    if replication.put(session, NamespaceRow, values, key=["registry", "name"]):
        wipes.end(session, event.registry, event.namespace)
        grants = [_grant(grant) for grant in event.grants]
        replication.replace_access(session, event.registry, event.namespace, grants)


def forget_namespace(session: Session, event: auth.NamespaceDeleted) -> None:
    """Take a namespace out of sight together with all that lies in it, and empty it if told to."""
    values = {
        "registry": event.registry,
        "name": event.namespace,
        "namespace_id": event.namespace_id,
        "team_id": None,
        "visibility": "private",
        "description": "",
        "revision": event.revision,
        "deleted": True,
    }
    if replication.put(session, NamespaceRow, values, key=["registry", "name"]):
        replication.replace_access(session, event.registry, event.namespace, [])
        if event.keep_images:
            wipes.end(session, event.registry, event.namespace)
        else:
            empty.begin(session, event, at=now())


def keep_team(session: Session, event: auth.TeamChanged) -> None:
    """Store one team's state with all its members."""
    values = {
        "team_id": event.team_id,
        "name": event.name,
        "hidden": event.hidden,
        "revision": event.revision,
    }
    if replication.put(session, TeamRow, values, key=["team_id"]):
        members = [(member.username, member.role) for member in event.members]
        replication.replace_members(session, event.team_id, members)


def forget_team(session: Session, event: auth.TeamDeleted) -> None:
    """Take a team's members their rights."""
    values = {
        "team_id": event.team_id,
        "name": "",
        "hidden": True,
        "revision": event.revision,
        "deleted": True,
    }
    if replication.put(session, TeamRow, values, key=["team_id"]):
        replication.replace_members(session, event.team_id, [])


def keep_user(session: Session, event: auth.UserChanged) -> None:
    """Store what is to be known of one user."""
    values = {
        "username": event.username,
        "user_id": event.user_id,
        "kind": event.kind,
        "enabled": event.enabled,
        "admin": event.admin,
        "revision": event.revision,
    }
    replication.put(session, UserRow, values, key=["username"])


def forget_user(session: Session, event: auth.UserDeleted) -> None:
    """Take a user's rights; what they pushed keeps their name."""
    values = {
        "username": event.username,
        "user_id": None,
        "kind": event.kind,
        "enabled": False,
        "admin": False,
        "revision": event.revision,
        "deleted": True,
    }
    replication.put(session, UserRow, values, key=["username"])


def close_generation(session: Session, event: auth.StateRepublished) -> None:
    """Drop what a republication did not name, and count the replica as filled."""
    if replication.mark_filled(session, event.generation):
        replication.drop_unnamed(session, event.generation)


def ask_if_empty(session: Session) -> bool:
    """Ask auth and sync for everything unless a republication has filled the replica.

    Returns whether it asked.
    """
    replica = replication.this_replica(session)
    if replica.filled_at is not None:
        return False
    publish.replica_started(session, replica.replica_id)
    return True


def _grant(grant: auth.Grant) -> Grant:
    subject = Subject(kind=grant.subject_kind, name=grant.subject)
    actions = frozenset(grant.actions)
    return Grant(path_prefix=grant.path_prefix, subject=subject, actions=actions)
