"""`/api/v1/quarantine`: what came in and could not be read, for admins."""

from flask import Blueprint, Response, json, request

from portus_shared.db import Database
from portus_shared.errors import Malformed
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import encode_cursor, keyset_of
from portus_shared.web.principals import PrincipalResolver
from portus_sync.routes.access import admin
from portus_sync.schemas import QuarantinedSchema, QuarantinePageSchema
from portus_sync.storage import notifications

_page = QuarantinePageSchema()
_PAGED = {"after": "cursor of the page before", "limit": "at most so many, up to 100"}


def blueprint(database: Database, principals: PrincipalResolver) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("quarantine", __name__)

    @routes.get("/api/v1/quarantine")
    @described(
        Operation(summary="List what could not be read, newest first", gives=_page, query=_PAGED)
    )
    def list_quarantined() -> Response:
        admin(principals)
        page = keyset_of(request, width=1)
        before_id = _id(page.after[0]) if page.after else None
        with database.read() as session:
            found = notifications.quarantined(session, before_id=before_id, limit=page.limit)
            items = QuarantinedSchema(many=True).dump(found)
        following = encode_cursor([items[-1]["id"]]) if len(items) == page.limit else None
        body = json.dumps({"items": items, "next": following})
        return Response(body, content_type="application/json")

    return routes


def _id(value: object) -> int:
    if not isinstance(value, int) or not 0 < value < 2**63:
        raise Malformed("after is not a cursor of this list", field="after")
    return value
