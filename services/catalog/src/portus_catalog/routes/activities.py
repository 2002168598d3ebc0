"""`/api/v1/activities`: what happened in what the caller may see."""

from __future__ import annotations

from flask import Blueprint, Request, Response, request

from portus_catalog.routes.edge import FOLLOWING, Deps, after_of, answer, word_of
from portus_catalog.schemas import ActivitiesSchema
from portus_catalog.storage import activities as storage
from portus_shared.errors import Malformed
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import encode_cursor

_page = ActivitiesSchema()


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("activities", __name__)
    listing = Operation(
        summary="List activities, newest first",
        gives=_page,
        query={
            **FOLLOWING,
            "repository_id": "of this repository only",
            "namespace": "name of a namespace, _ for the global one",
        },
    )

    @routes.get("/api/v1/activities")
    @described(listing)
    def list_activities() -> Response:
        after, repository_id = after_of(request), _repository_id(request)
        namespace = word_of(request, "namespace")
        with deps.reading(request) as (session, viewer):
            wanted = storage.seen_by(viewer, repository_id=repository_id, namespace=namespace)
            items, position = storage.page(session, wanted, after)
            following = encode_cursor(position) if position else None
            return answer(_page, {"items": items, "next": following})

    return routes


def _repository_id(given: Request) -> int | None:
    text = given.args.get("repository_id", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise Malformed("repository_id must be a number", field="repository_id")
    return int(text[:18])
