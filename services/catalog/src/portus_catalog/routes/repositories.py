"""`/api/v1/repositories` and the repositories of a namespace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from portus_catalog.domain.access import DELETE, Viewer
from portus_catalog.routes.edge import FOLLOWING, Deps, accepted, answer, listed, word_of
from portus_catalog.schemas import CountSchema, RepositorySchema
from portus_catalog.storage import repositories as storage
from portus_catalog.storage.contents import RepositoryRow
from portus_catalog.storage.repositories import Filter, RepositoryView
from portus_catalog.usecases import browse
from portus_catalog.usecases.delete import delete_repository
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import sort_of

_one = RepositorySchema()
_many = RepositorySchema(many=True)
_counts = CountSchema(many=True)
_FILTERS = {
    "full_name": "exact full name",
    "namespace": "name of a namespace, _ for the global one",
    "q": "part of a full name",
}


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("repositories", __name__)
    _add_lists(routes, deps)
    _add_one(routes, deps)
    return routes


def _add_lists(routes: Blueprint, deps: Deps) -> None:
    listing = Operation(
        summary="List the repositories the caller may see",
        gives=_many,
        paged=True,
        query={**FOLLOWING, **_FILTERS},
    )
    inside = Operation(
        summary="List the repositories of a namespace", gives=_many, paged=True, query=FOLLOWING
    )
    counting = Operation(
        summary="Count what the caller may see, namespace by namespace", gives=_counts
    )

    @routes.get("/api/v1/repositories")
    @described(listing)
    def list_repositories() -> Response:
        wanted = Filter(
            full_name=word_of(request, "full_name"),
            namespace=word_of(request, "namespace"),
            text=word_of(request, "q"),
        )
        with deps.reading(request) as (session, viewer):
            return _listing(session, viewer, wanted)

    @routes.get("/api/v1/namespaces/<int:namespace_id>/repositories")
    @described(inside)
    def list_namespace_repositories(namespace_id: int) -> Response:
        with deps.reading(request) as (session, viewer):
            namespace = browse.find_namespace(session, viewer, namespace_id)
            wanted = Filter(registry=namespace.registry_name, namespace=namespace.name)
            return _listing(session, viewer, wanted)

    @routes.get("/api/v1/repositories/counts")
    @described(counting)
    def count_repositories() -> Response:
        with deps.reading(request) as (session, viewer):
            return answer(_counts, storage.counts(session, viewer))


def _add_one(routes: Blueprint, deps: Deps) -> None:
    @routes.get("/api/v1/repositories/<int:repository_id>")
    @described(Operation(summary="Show one repository", gives=_one))
    def show_repository(repository_id: int) -> Response:
        with deps.reading(request) as (session, viewer):
            row = browse.find_repository(session, viewer, repository_id)
            return _entity(session, viewer, row)

    @routes.delete("/api/v1/repositories/<int:repository_id>")
    @described(Operation(summary="Delete a repository with everything in it", status=204))
    def remove_repository(repository_id: int) -> Response:
        with deps.writing(request) as (session, viewer):
            delete_repository(session, viewer, repository_id)
        return accepted()

    @routes.put("/api/v1/repositories/<int:repository_id>/star")
    @described(Operation(summary="Star a repository", gives=_one))
    def star_repository(repository_id: int) -> Response:
        with deps.writing(request) as (session, viewer):
            row = browse.star(session, viewer, repository_id, starred=True)
            return _entity(session, viewer, row)

    @routes.delete("/api/v1/repositories/<int:repository_id>/star")
    @described(Operation(summary="Take the star off a repository", gives=_one))
    def unstar_repository(repository_id: int) -> Response:
        with deps.writing(request) as (session, viewer):
            row = browse.star(session, viewer, repository_id, starred=False)
            return _entity(session, viewer, row)


def _listing(session: Session, viewer: Viewer, wanted: Filter) -> Response:
    attribute, descending = sort_of(request, list(storage.SORTED_BY), "id")
    order = storage.order_of(attribute, descending=descending)
    query = storage.seen_by(viewer, wanted)
    rows, headers = listed(session, request, query, order, lambda: storage.count(session, query))
    return answer(_many, _entities(session, viewer, rows), headers)


def _entity(session: Session, viewer: Viewer, row: RepositoryRow) -> Response:
    return answer(_one, _entities(session, viewer, [row])[0])


def _entities(
    session: Session, viewer: Viewer, rows: Sequence[RepositoryRow]
) -> list[dict[str, Any]]:
    return [_rendered(view) for view in storage.viewed(session, viewer, rows)]


def _rendered(view: RepositoryView) -> dict[str, Any]:
    row = view.row
    pushed = None
    if row.last_push_at is not None:
        pushed = {
            "at": row.last_push_at,
            "by": row.last_push_by,
            "tag": row.last_push_tag,
            "digest": row.last_push_digest,
        }
    return {
        "row": row,
        "namespace": {"id": view.namespace_id, "name": row.namespace},
        "external_host": view.external_host,
        "stars": view.stars,
        "starred": view.starred,
        "destroyable": DELETE in view.actions,
        "deleting": row.deleting_since is not None,
        "last_push": pushed,
        "actions": sorted(view.actions),
    }
