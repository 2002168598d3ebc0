"""`/api/v1/users/{id}/docker_logins`: who stays signed in with docker, and how to end that."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, request

from portus_auth.routes.answers import array, nothing
from portus_auth.routes.deps import Deps, author
from portus_auth.schemas.users import DockerLoginSchema
from portus_auth.storage.paging import Listing
from portus_auth.usecases import refresh_tokens
from portus_shared.web.openapi import Operation, described

_LOGINS: Final = "/<int(max=2147483647):user_id>/docker_logins"


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("docker_logins", __name__, url_prefix="/api/v1/users")

    @routes.get(_LOGINS)
    @described(Operation(summary="List docker logins", gives=DockerLoginSchema(many=True)))
    def list_logins(user_id: int) -> Response:
        actor = deps.caller(request)
        with deps.read() as session:
            found = refresh_tokens.list_logins(
                session, actor, deps.secrets.hashes, user_id, deps.refresh_token_life
            )
        return array(request, DockerLoginSchema(), Listing(items=found, total=len(found)))

    @routes.delete(f"{_LOGINS}/<int(max=2147483647):login_id>")
    @described(Operation(summary="End a docker login", status=204))
    def end_login(user_id: int, login_id: int) -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            refresh_tokens.end_login(session, actor, user_id, login_id)
        return nothing()

    return routes
