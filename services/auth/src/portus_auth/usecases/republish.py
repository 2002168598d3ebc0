"""Tell the whole state again, for a receiver that starts empty or after a restore.

Everything is restamped with one new revision, the generation, so that it wins over whatever
receivers hold, also over newer state that a restored database no longer knows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portus_auth.storage import namespaces, teams
from portus_auth.storage.base import Revised
from portus_auth.storage.tables import (
    Namespace,
    Registry,
    Republication,
    Team,
    TeamMember,
    User,
)
from portus_auth.usecases import publish
from portus_shared.clock import next_revision, now

_RESTAMPED: Final[tuple[type[Revised], ...]] = (Registry, User, Team, TeamMember, Namespace)
_PATIENCE: Final = timedelta(seconds=30)
_BATCH: Final = 500


def republish(session: Session) -> int:
    """Publish every registry, user, team and namespace; return the generation.

    Holds the clock row meanwhile: other writers wait.
    """
    generation = next_revision(session)
    for table in _RESTAMPED:
        alive = table.deleted_at.is_(None)
        session.execute(update(table).where(alive).values(revision=generation))
    session.expire_all()
    registries = {row.id: row for row in namespaces.registries(session)}
    for registry in registries.values():
        publish.registry_changed(session, registry)
    for user in session.scalars(select(User).where(User.deleted_at.is_(None)).order_by(User.id)):
        publish.user_changed(session, user)
    _teams(session)
    publish.namespaces_changed(session, namespaces.everything(session))
    for namespace in namespaces.being_emptied(session):
        namespace.touch(generation)
        publish.namespace_deleted(session, namespace, registries[namespace.registry_id])
    publish.state_republished(session, generation)
    return generation


def answer_replica(session: Session, replica_id: str) -> bool:
    """Republish for a replica that asks; tell whether it was done.

    A replica repeats its question until the answer has arrived: one asked again within 30 seconds
    of an answer is still on its way to it.
    """
    last = session.get(Republication, replica_id)
    if last is not None and last.answered_at > now() - _PATIENCE:
        return False
    generation = republish(session)
    answer = Republication(replica_id=replica_id, generation=generation, answered_at=now())
    session.merge(answer)
    return True


def _teams(session: Session) -> None:
    alive = session.scalars(select(Team).where(Team.deleted_at.is_(None)).order_by(Team.id)).all()
    for start in range(0, len(alive), _BATCH):
        batch = alive[start : start + _BATCH]
        members = teams.members_by_team(session, [team.id for team in batch])
        for team in batch:
            publish.team_state(session, team, members[team.id])
