"""Names of namespaces: whose they are, and how they pass from a deleted one to a new one.

A token of the registry says names and cannot be called back. So when nothing is left under the
name of a deleted namespace it still rests, for all but the team that had it, while a token that
was given for the former one may be alive.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from portus_auth.domain.actors import Actor
from portus_auth.domain.leftovers import Leftovers
from portus_auth.domain.titles import faults_of_namespace
from portus_auth.storage import namespaces, robots, teams
from portus_auth.storage.tables import Namespace, Team
from portus_shared.clock import now
from portus_shared.errors import Denied


def validate_name(session: Session, actor: Actor, name: str) -> list[str]:
    """Say what keeps a new namespace from having this name, to anybody with an account."""
    if not actor.is_signed_in:
        raise Denied
    theirs = teams.memberships_of(session, actor.user_id or 0)
    return faults_of_new_name(session, name, {each.team_id for each in theirs})


def faults_of_new_name(session: Session, name: str, team_ids: Collection[int] = ()) -> list[str]:
    """Say what keeps a new namespace in one of these teams from having this name."""
    faults = faults_of_namespace(name)
    registry = namespaces.registry(session)
    holder = None if faults else namespaces.holder_of_name(session, registry.id, name)
    return faults if holder is None else _faults_of_held(holder, team_ids)


def _faults_of_held(holder: Namespace, team_ids: Collection[int]) -> list[str]:
    if holder.leftovers is not Leftovers.GONE:
        return ["has already been taken"]
    until = holder.name_rests_until
    if holder.team_id in team_ids or until is None or until <= now():
        return []
    moment = until.strftime("%Y-%m-%dT%H:%M:%SZ")
    return [f"is free from {moment} on: till then tokens for the former one live"]


def pass_on(session: Session, registry_id: int, name: str, team: Team, revision: int) -> None:
    """Take a free name from the deleted namespace that had it, if there is one.

    What global robots may do under that name they may do for its former holders: in other hands
    they begin without.
    """
    former = namespaces.release_name(session, registry_id, name)
    if former is None or former.team_id == team.id:
        return
    for robot in robots.everywhere(session):
        left = tuple(scope for scope in robot.permissions if scope.namespace != name)
        if left != robot.permissions:
            robot.permissions = left
            robot.touch(revision)
    session.flush()
