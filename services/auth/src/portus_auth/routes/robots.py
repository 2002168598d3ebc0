"""`/api/v1/robots`: accounts of machines, their permissions, and their tokens."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, request

from portus_auth.routes.answers import array, entity, nothing, wanted_of, word_of
from portus_auth.routes.deps import Deps, author
from portus_auth.schemas.robots import (
    GivenRobotSchema,
    NewRobotSchema,
    RobotChangeSchema,
    RobotSchema,
)
from portus_auth.schemas.tokens import (
    ApplicationTokenSchema,
    GivenTokenSchema,
    NewApplicationTokenSchema,
    TokenChangeSchema,
)
from portus_auth.storage.paging import Listing
from portus_auth.storage.robots import SORTABLE
from portus_auth.usecases import robot_tokens, robots, token_changes
from portus_auth.usecases.robots import NewRobot, RobotChange
from portus_auth.usecases.token_changes import TokenChange
from portus_auth.usecases.tokens import NewToken
from portus_shared.web.body import load
from portus_shared.web.openapi import Operation, described

_ID: Final = "/<int(max=2147483647):robot_id>"
_TOKENS: Final = f"{_ID}/application_tokens"
_TOKEN: Final = f"{_TOKENS}/<int(max=2147483647):token_id>"


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("robots", __name__, url_prefix="/api/v1/robots")
    _add_lists(routes, deps)
    _add_changes(routes, deps)
    _add_tokens(routes, deps)
    _add_token_changes(routes, deps)
    return routes


def _add_lists(routes: Blueprint, deps: Deps) -> None:
    @routes.get("")
    @described(
        Operation(
            summary="List the robots that the caller manages",
            gives=RobotSchema(many=True),
            paged=True,
            query={"namespace": "only those of this namespace, by its name; _ for global ones"},
        )
    )
    def list_robots() -> Response:
        actor = deps.caller(request)
        wanted, namespace = wanted_of(request, SORTABLE), word_of(request, "namespace")
        with deps.read() as session:
            found = robots.list_robots(session, actor, wanted, namespace)
            return array(request, RobotSchema(), found)

    @routes.post("")
    @described(
        Operation(
            summary="Create a robot with its first token",
            takes=NewRobotSchema(),
            gives=GivenRobotSchema(),
            status=201,
        )
    )
    def create_robot() -> Response:
        actor = deps.caller(request)
        given = load(NewRobotSchema(), request, within="robot")
        first = NewToken(**_taken(given, "application", "scopes", "expires_at"))
        with deps.write(author(actor, request)) as session:
            hashes, most = deps.secrets.hashes, deps.robots_per_namespace
            new = NewRobot(**given)
            view = robots.create_robot(session, actor, hashes, new, first, most=most)
            return entity(GivenRobotSchema(), view, HTTPStatus.CREATED)


def _add_changes(routes: Blueprint, deps: Deps) -> None:
    @routes.get(_ID)
    @described(Operation(summary="Show a robot", gives=RobotSchema()))
    def show_robot(robot_id: int) -> Response:
        actor = deps.caller(request)
        with deps.read() as session:
            return entity(RobotSchema(), robots.show_robot(session, actor, robot_id))

    @routes.put(_ID)
    @described(Operation(summary="Change a robot", takes=RobotChangeSchema(), gives=RobotSchema()))
    def update_robot(robot_id: int) -> Response:
        actor = deps.caller(request)
        change = RobotChange(**load(RobotChangeSchema(), request, within="robot"))
        with deps.write(author(actor, request)) as session:
            view = robots.update_robot(session, actor, robot_id, change)
            return entity(RobotSchema(), view)

    @routes.delete(_ID)
    @described(Operation(summary="Delete a robot with its tokens", status=204))
    def delete_robot(robot_id: int) -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            robots.delete_robot(session, actor, robot_id)
        return nothing()


def _add_tokens(routes: Blueprint, deps: Deps) -> None:
    @routes.get(_TOKENS)
    @described(Operation(summary="List a robot's tokens", gives=ApplicationTokenSchema(many=True)))
    def list_tokens(robot_id: int) -> Response:
        actor = deps.caller(request)
        with deps.read() as session:
            found = robot_tokens.list_tokens(session, actor, robot_id)
            whole = Listing(items=found, total=len(found))
            return array(request, ApplicationTokenSchema(), whole)

    @routes.post(_TOKENS)
    @described(
        Operation(
            summary="Give a robot a second token",
            takes=NewApplicationTokenSchema(),
            gives=GivenTokenSchema(),
            status=201,
        )
    )
    def create_token(robot_id: int) -> Response:
        actor = deps.caller(request)
        new = NewToken(**load(NewApplicationTokenSchema(), request))
        with deps.write(author(actor, request)) as session:
            given = robot_tokens.create_token(session, actor, deps.secrets.hashes, robot_id, new)
        return entity(GivenTokenSchema(), given, HTTPStatus.CREATED)


def _add_token_changes(routes: Blueprint, deps: Deps) -> None:
    @routes.route(_TOKEN, methods=["PUT", "PATCH"])
    @described(
        Operation(
            summary="Change a robot's token",
            takes=TokenChangeSchema(),
            gives=ApplicationTokenSchema(),
        )
    )
    def change_token(robot_id: int, token_id: int) -> Response:
        actor = deps.caller(request)
        change = TokenChange(**load(TokenChangeSchema(), request))
        with deps.write(author(actor, request)) as session:
            token = token_changes.change_robot_token(session, actor, robot_id, token_id, change)
            return entity(ApplicationTokenSchema(), token)

    @routes.delete(_TOKEN)
    @described(Operation(summary="Delete a robot's token", status=204))
    def delete_token(robot_id: int, token_id: int) -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            robot_tokens.delete_token(session, actor, robot_id, token_id)
        return nothing()


def _taken(given: dict[str, Any], *names: str) -> dict[str, Any]:
    """Take some of the fields out of a body."""
    return {name: given.pop(name) for name in names}
