"""`/api/v1/users/{id}/application_tokens`: what the programs of a person sign in with."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, request

from portus_auth.routes.answers import array, entity, nothing
from portus_auth.routes.deps import Deps, author
from portus_auth.schemas.tokens import (
    ApplicationTokenSchema,
    GivenTokenSchema,
    NewApplicationTokenSchema,
    TokenChangeSchema,
)
from portus_auth.storage.paging import Listing
from portus_auth.usecases import token_changes, tokens
from portus_auth.usecases.token_changes import TokenChange
from portus_auth.usecases.tokens import NewToken
from portus_shared.web.body import load
from portus_shared.web.openapi import Operation, described

_OF_USER: Final = "/<int(max=2147483647):user_id>/application_tokens"
_ONE: Final = "/application_tokens/<int(max=2147483647):token_id>"


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("tokens", __name__, url_prefix="/api/v1/users")
    _add_lists(routes, deps)
    _add_changes(routes, deps)
    return routes


def _add_lists(routes: Blueprint, deps: Deps) -> None:
    @routes.get(_OF_USER)
    @described(
        Operation(summary="List application tokens", gives=ApplicationTokenSchema(many=True))
    )
    def list_tokens(user_id: int) -> Response:
        actor = deps.caller(request)
        with deps.read() as session:
            found = tokens.list_tokens(session, actor, user_id)
            whole = Listing(items=found, total=len(found))
            return array(request, ApplicationTokenSchema(), whole)

    @routes.post(_OF_USER)
    @described(
        Operation(
            summary="Create an application token",
            takes=NewApplicationTokenSchema(),
            gives=GivenTokenSchema(),
            status=201,
        )
    )
    def create_token(user_id: int) -> Response:
        actor = deps.caller(request)
        new = NewToken(**load(NewApplicationTokenSchema(), request))
        with deps.write(author(actor, request)) as session:
            given = tokens.create_token(session, actor, deps.secrets.hashes, user_id, new)
        return entity(GivenTokenSchema(), given, HTTPStatus.CREATED)


def _add_changes(routes: Blueprint, deps: Deps) -> None:
    @routes.route(_ONE, methods=["PUT", "PATCH"])
    @described(
        Operation(
            summary="Change an application token",
            takes=TokenChangeSchema(),
            gives=ApplicationTokenSchema(),
        )
    )
    def change_token(token_id: int) -> Response:
        actor = deps.caller(request)
        change = TokenChange(**load(TokenChangeSchema(), request))
        with deps.write(author(actor, request)) as session:
            token = token_changes.change_token(session, actor, token_id, change)
            return entity(ApplicationTokenSchema(), token)

    @routes.delete(_ONE)
    @described(Operation(summary="Delete an application token", status=204))
    def delete_token(token_id: int) -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            tokens.delete_token(session, actor, token_id)
        return nothing()
