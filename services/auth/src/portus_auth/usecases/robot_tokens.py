"""The tokens of robots: one in use, and the one that takes its place."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from portus_auth.domain.actors import Actor
from portus_auth.domain.secrets import KeyedHash
from portus_auth.storage import tokens
from portus_auth.storage.tables import ApplicationToken
from portus_auth.usecases.robots import MAX_TOKENS, TooManyRobotTokens, show_robot
from portus_auth.usecases.tokens import GivenToken, NewToken, add_token, demand_no_longer, make_room
from portus_shared.clock import next_revision
from portus_shared.errors import NotFound


def list_tokens(session: Session, actor: Actor, robot_id: int) -> Sequence[ApplicationToken]:
    """List a robot's tokens, without secrets."""
    return tokens.of_user(session, show_robot(session, actor, robot_id).robot.user_id)


def create_token(
    session: Session, actor: Actor, hashes: KeyedHash, robot_id: int, new: NewToken
) -> GivenToken:
    """Give a robot a second token, for a time in which both are good."""
    next_revision(session)  # Its lock makes the checks hold until the commit.
    user = show_robot(session, actor, robot_id).robot.user
    demand_no_longer(actor, new)
    make_room(session, user, new, most=TooManyRobotTokens, limit=MAX_TOKENS)
    return add_token(session, hashes, user, new)


def delete_token(session: Session, actor: Actor, robot_id: int, token_id: int) -> None:
    """Make one of a robot's tokens void."""
    revision = next_revision(session)
    token = token_of_robot(session, actor, robot_id, token_id)
    token.remove(revision)
    token.user.touch(revision)


def token_of_robot(
    session: Session, actor: Actor, robot_id: int, token_id: int
) -> ApplicationToken:
    """Return a token of a robot that the actor manages."""
    robot = show_robot(session, actor, robot_id).robot
    token = tokens.by_id(session, token_id)
    if token is None or token.user_id != robot.user_id:
        raise NotFound
    return token
