"""`/api/v1/repositories/orphans`: what lies in the registry and nobody can see, for admins."""

from __future__ import annotations

from flask import Blueprint, Request, Response, request

from portus_catalog.routes.edge import FOLLOWING, Deps, answer
from portus_catalog.schemas import OrphansSchema
from portus_catalog.storage import orphans
from portus_catalog.usecases import browse
from portus_shared.errors import Malformed
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import encode_cursor, keyset_of

_page = OrphansSchema()


def blueprint(deps: Deps) -> Blueprint:
    """Make the route."""
    routes = Blueprint("orphans", __name__)
    listing = Operation(
        summary="List namespaces that hold images and that auth does not have; for admins",
        gives=_page,
        query=FOLLOWING,
    )

    @routes.get("/api/v1/repositories/orphans")
    @described(listing)
    def list_orphans() -> Response:
        after, limit = _after(request)
        with deps.reading(request) as (session, viewer):
            browse.require_admin(viewer)
            found = orphans.page(session, after=after, limit=limit + 1)
            items, last = found[:limit], found[limit - 1] if len(found) > limit else None
            following = encode_cursor([last.namespace, last.registry]) if last else None
            return answer(_page, {"items": items, "next": following})

    return routes


def _after(given: Request) -> tuple[tuple[str, str] | None, int]:
    keyset = keyset_of(given, width=2)
    if keyset.after is None:
        return None, keyset.limit
    name, registry = keyset.after
    if not isinstance(name, str) or not isinstance(registry, str) or "\x00" in name + registry:
        raise Malformed("after is not a cursor of this list", field="after")
    return (name, registry), keyset.limit
