"""`/api/v1/deletions`: what is to be deleted from registries, and what became of it."""

from http import HTTPStatus

from flask import Blueprint, Request, Response, json, request

from portus_shared.clock import now
from portus_shared.db import Database
from portus_shared.errors import Malformed
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import encode_cursor, keyset_of
from portus_shared.web.principals import PrincipalResolver
from portus_sync.routes.access import admin, person
from portus_sync.routes.positions import PAGED, position_of
from portus_sync.schemas import AbilitySchema, DeletionPageSchema, DeletionSchema
from portus_sync.storage import abilities, deletions as storage
from portus_sync.usecases import deletions

_page = DeletionPageSchema()
_one = DeletionSchema()
_abilities = AbilitySchema(many=True)
_QUERY = {**PAGED, "status": f"one of {', '.join(storage.STATES)}"}


def blueprint(database: Database, principals: PrincipalResolver) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("deletions", __name__)
    _add_deletions(routes, database, principals)
    _add_abilities(routes, database, principals)
    return routes


def _add_deletions(routes: Blueprint, database: Database, principals: PrincipalResolver) -> None:
    listing = Operation(
        summary="List deletions, newest first: all for admins, else those one asked for",
        gives=_page,
        query=_QUERY,
    )
    retrying = Operation(summary="Retry a deletion that has failed", gives=_one, status=202)

    @routes.get("/api/v1/deletions")
    @described(listing)
    def list_deletions() -> Response:
        caller = person(principals)
        page, state = keyset_of(request, width=1), _state(request)
        with database.read() as session:
            found = storage.listed(
                session,
                requested_by=None if caller.admin else caller.name,
                state=state,
                before=position_of(page),
                limit=page.limit,
            )
            items = DeletionSchema(many=True).dump(found)
        following = encode_cursor([found[-1].number]) if len(found) == page.limit else None
        return _answer({"items": items, "next": following})

    @routes.post("/api/v1/deletions/<deletion_id>/retry")
    @described(retrying)
    def retry_deletion(deletion_id: str) -> Response:
        actor = admin(principals)
        with database.write() as session:
            retried = deletions.retry(session, actor.name, deletion_id, at=now())
            return _answer(_one.dump(retried), HTTPStatus.ACCEPTED)


def _add_abilities(routes: Blueprint, database: Database, principals: PrincipalResolver) -> None:
    @routes.get("/api/v1/deletions/abilities")
    @described(Operation(summary="Tell what can be deleted in each registry", gives=_abilities))
    def list_abilities() -> Response:
        person(principals)
        with database.read() as session:
            return _answer(_abilities.dump(abilities.listed(session)))


def _state(given: Request) -> str | None:
    state = given.args.get("status")
    if state is not None and state not in storage.STATES:
        raise Malformed(f"status must be one of {', '.join(storage.STATES)}", field="status")
    return state


def _answer(body: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
