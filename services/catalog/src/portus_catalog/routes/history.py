"""What a tag pointed to, and who moved it."""

from __future__ import annotations

from flask import Blueprint, Request, Response, request

from portus_catalog.routes.edge import FOLLOWING, Deps, after_of, answer, word_of
from portus_catalog.schemas import TagMovesSchema
from portus_catalog.storage import history as storage
from portus_catalog.usecases import browse
from portus_shared.errors import Malformed
from portus_shared.names import is_tag
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import encode_cursor

_page = TagMovesSchema()


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("history", __name__)
    listing = Operation(
        summary="List what a tag pointed to, newest first; also of a tag that is gone",
        gives=_page,
        query={**FOLLOWING, "tag": "its exact name"},
    )

    @routes.get("/api/v1/repositories/<int:repository_id>/history")
    @described(listing)
    def list_history(repository_id: int) -> Response:
        after, tag = after_of(request), _tag_of(request)
        with deps.reading(request) as (session, viewer):
            repository = browse.find_repository(session, viewer, repository_id)
            items, position = storage.page(session, repository, tag, after)
            following = encode_cursor(position) if position else None
            return answer(_page, {"items": items, "next": following})

    return routes


def _tag_of(given: Request) -> str:
    tag = word_of(given, "tag") or ""
    if not is_tag(tag):
        raise Malformed("tag must be the name of a tag", field="tag")
    return tag
