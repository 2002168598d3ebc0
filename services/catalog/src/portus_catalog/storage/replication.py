"""Writing the replica of auth's state: the newest revision of each thing wins."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from portus_catalog.domain.access import DELETE, PULL, PUSH, Grant
from portus_catalog.storage.base import Base
from portus_catalog.storage.replica import (
    AccessRow,
    NamespaceRow,
    RegistryRow,
    ReplicaRow,
    TeamMemberRow,
    TeamRow,
    UserRow,
)
from portus_shared.clock import now
from portus_shared.db import insert_ignore, upsert

_STATES: tuple[type[Base], ...] = (RegistryRow, NamespaceRow, TeamRow, UserRow)


def put(session: Session, row: type[Base], values: dict[str, Any], *, key: Sequence[str]) -> bool:
    """Store one thing's state if its revision is newer; tell whether it was."""
    table = row.__table__
    return upsert(session, table, {"deleted": False, **values}, key=key, newer="revision")


def replace_access(
    session: Session, registry: str, namespace: str, grants: Iterable[Grant]
) -> None:
    """Make these the only grants of a namespace."""
    session.execute(
        delete(AccessRow).where(
            AccessRow.registry_name == registry, AccessRow.namespace == namespace
        )
    )
    rows = [
        {
            "registry": registry,
            "namespace": namespace,
            "path_prefix": prefix,
            "subject_kind": subject.kind,
            "subject": subject.name,
            "may_pull": PULL in actions,
            "may_push": PUSH in actions,
            "may_delete": DELETE in actions,
        }
        for (prefix, subject), actions in _united(grants).items()
    ]
    insert_ignore(session, AccessRow.__table__, rows)


def replace_members(session: Session, team_id: int, members: Iterable[tuple[str, str]]) -> None:
    """Make these (username, role) pairs the only members of a team."""
    session.execute(delete(TeamMemberRow).where(TeamMemberRow.team_id == team_id))
    rows = [{"team_id": team_id, "username": username, "role": role} for username, role in members]
    insert_ignore(session, TeamMemberRow.__table__, rows)


def drop_unnamed(session: Session, generation: int) -> None:
    """Delete what a finished republication did not name: everything with an older revision.

    The rows stay, marked with the last revision before the generation, so that news older than it
    that arrive late are still ignored.
    """
    for row in _STATES:
        table: Table = Base.metadata.tables[row.__tablename__]
        session.execute(
            update(table)
            .where(table.c.revision < generation)
            .values(deleted=True, revision=generation - 1)
        )
    gone = select(NamespaceRow.name).where(
        NamespaceRow.registry_name == AccessRow.registry_name,
        NamespaceRow.name == AccessRow.namespace,
        NamespaceRow.deleted,
    )
    session.execute(delete(AccessRow).where(gone.exists()))
    gone_teams = select(TeamRow.team_id).where(TeamRow.deleted)
    session.execute(delete(TeamMemberRow).where(TeamMemberRow.team_id.in_(gone_teams)))


def this_replica(session: Session) -> ReplicaRow:
    """Return the row of this replica, named afresh where there is none yet."""
    values = {"id": 1, "replica_id": str(uuid.uuid4()), "generation": None, "filled_at": None}
    insert_ignore(session, ReplicaRow.__table__, [values])
    return session.scalars(select(ReplicaRow)).one()


def mark_filled(session: Session, generation: int) -> bool:
    """Remember a finished republication; tell whether it is newer than the last one."""
    replica = this_replica(session)
    if replica.generation is not None and replica.generation >= generation:
        return False
    replica.generation, replica.filled_at = generation, now()
    return True


def _united(grants: Iterable[Grant]) -> dict[tuple[str, Any], frozenset[str]]:
    united: dict[tuple[str, Any], frozenset[str]] = {}
    for grant in grants:
        key = (grant.path_prefix, grant.subject)
        united[key] = united.get(key, frozenset()) | grant.actions
    return united
