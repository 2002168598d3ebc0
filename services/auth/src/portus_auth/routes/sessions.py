"""`/api/v1/sessions`: where somebody is signed in with a browser, and how to end that."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portus_auth.routes.answers import array, nothing, word_of
from portus_auth.routes.deps import Deps, author
from portus_auth.schemas.users import SignInSchema
from portus_auth.storage.paging import Listing
from portus_auth.usecases import sign_ins
from portus_shared.web.openapi import Operation, described

_WHOSE = {"user": "whose, by user name: for admins; one's own without it"}


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("sessions", __name__, url_prefix="/api/v1/sessions")

    @routes.get("")
    @described(Operation(summary="List sign-ins", gives=SignInSchema(many=True), query=_WHOSE))
    def list_sign_ins() -> Response:
        actor = deps.caller(request)
        with deps.read() as session:
            found = sign_ins.list_sign_ins(session, actor, word_of(request, "user"))
            return array(request, SignInSchema(), Listing(items=found, total=len(found)))

    @routes.delete("")
    @described(Operation(summary="End all sign-ins", status=204, query=_WHOSE))
    def end_sign_ins() -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            sign_ins.end_sign_ins(session, actor, word_of(request, "user"))
        return nothing()

    @routes.delete("/<int(max=2147483647):sign_in_id>")
    @described(Operation(summary="End a sign-in", status=204))
    def end_sign_in(sign_in_id: int) -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            sign_ins.end_sign_in(session, actor, sign_in_id)
        return nothing()

    return routes
