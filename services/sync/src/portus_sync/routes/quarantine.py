"""`/api/v1/quarantine`: what came in and could not be read, for admins."""

from flask import Blueprint, Response, json, request

from portus_shared.db import Database
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import encode_cursor, keyset_of
from portus_shared.web.principals import PrincipalResolver
from portus_sync.routes.access import admin
from portus_sync.routes.positions import PAGED, position_of
from portus_sync.schemas import QuarantinedSchema, QuarantinePageSchema
from portus_sync.storage import notifications

_page = QuarantinePageSchema()


def blueprint(database: Database, principals: PrincipalResolver) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("quarantine", __name__)

    @routes.get("/api/v1/quarantine")
    @described(
        Operation(summary="List what could not be read, newest first", gives=_page, query=PAGED)
    )
    def list_quarantined() -> Response:
        admin(principals)
        page = keyset_of(request, width=1)
        before_id = position_of(page)
        with database.read() as session:
            found = notifications.quarantined(session, before_id=before_id, limit=page.limit)
            items = QuarantinedSchema(many=True).dump(found)
        following = encode_cursor([items[-1]["id"]]) if len(items) == page.limit else None
        body = json.dumps({"items": items, "next": following})
        return Response(body, content_type="application/json")

    return routes
