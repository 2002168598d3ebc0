"""The tags of a repository, and `/api/v1/tags`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Blueprint, Request, Response, request
from sqlalchemy.orm import Session

from portus_catalog.routes.edge import (
    FOLLOWING,
    Deps,
    accepted,
    answer,
    listed,
    rendered,
    word_of,
)
from portus_catalog.schemas import OneTagSchema, TagSchema
from portus_catalog.storage import deletions, paged, tags as storage
from portus_catalog.storage.contents import TagRow
from portus_catalog.storage.tags import TagView
from portus_catalog.usecases import browse
from portus_catalog.usecases.delete import delete_tag
from portus_shared.errors import Malformed
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import sort_of

_one = OneTagSchema()
_many = TagSchema(many=True)


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("tags", __name__)
    _add_of_repository(routes, deps)
    _add_all(routes, deps)
    _add_one(routes, deps)
    return routes


def _add_of_repository(routes: Blueprint, deps: Deps) -> None:
    listing = Operation(
        summary="List the tags of a repository",
        gives=_many,
        paged=True,
        query={**FOLLOWING, "name": "exact name"},
    )
    grouping = Operation(
        summary="List the tags of a repository in groups of one image each, newest first",
        gives=_many,
    )

    @routes.get("/api/v1/repositories/<int:repository_id>/tags")
    @described(listing)
    def list_repository_tags(repository_id: int) -> Response:
        order, name = _order(), word_of(request, "name")
        with deps.reading(request) as (session, viewer):
            repository = browse.find_repository(session, viewer, repository_id)
            query = storage.of_repository(repository, name)
            count = partial(storage.count_in, session, repository, name)
            rows, headers = listed(session, request, query, order, count)
            return answer(_many, _entities(session, rows), headers)

    @routes.get("/api/v1/repositories/<int:repository_id>/tags/grouped")
    @described(grouping)
    def list_grouped_tags(repository_id: int) -> Response:
        newest_first = storage.order_of("updated_at", descending=True)
        with deps.reading(request) as (session, viewer):
            repository = browse.find_repository(session, viewer, repository_id)
            query = storage.of_repository(repository)
            rows = paged.sliced(session, query, newest_first, paged.Slice())
            return rendered(_grouped(_entities(session, rows)))


def _add_all(routes: Blueprint, deps: Deps) -> None:
    listing = Operation(
        summary="List all tags; for admins", gives=_many, paged=True, query=FOLLOWING
    )

    @routes.get("/api/v1/tags")
    @described(listing)
    def list_tags() -> Response:
        order = _order()
        with deps.reading(request) as (session, viewer):
            browse.require_admin(viewer)
            query = storage.seen_by(viewer)
            count = partial(storage.count_seen_by, session, viewer)
            rows, headers = listed(session, request, query, order, count)
            return answer(_many, _entities(session, rows), headers)


def _add_one(routes: Blueprint, deps: Deps) -> None:
    deleting = Operation(
        summary="Delete a tag with its image, and thus with all tags of the image",
        status=204,
        query={"only": "tag to delete the tag alone, which takes a registry of Distribution 3"},
    )

    @routes.get("/api/v1/tags/<int:tag_id>")
    @described(Operation(summary="Show one tag with its siblings", gives=_one))
    def show_tag(tag_id: int) -> Response:
        with deps.reading(request) as (session, viewer):
            return _entity(session, browse.find_tag(session, viewer, tag_id))

    @routes.delete("/api/v1/tags/<int:tag_id>")
    @described(deleting)
    def remove_tag(tag_id: int) -> Response:
        alone = _is_alone(request)
        with deps.writing(request) as (session, viewer):
            delete_tag(session, viewer, tag_id, alone=alone)
        return accepted()

    @routes.get("/api/v1/repositories/<int:repository_id>/tags/<int:tag_id>")
    @described(Operation(summary="Show one tag of a repository", gives=_one))
    def show_repository_tag(repository_id: int, tag_id: int) -> Response:
        with deps.reading(request) as (session, viewer):
            row = browse.find_tag(session, viewer, tag_id, repository_id=repository_id)
            return _entity(session, row)


def _is_alone(given: Request) -> bool:
    only = given.args.get("only")
    if only not in {None, "tag"}:
        raise Malformed("only can be nothing but: tag", field="only")
    return only is not None


def _order() -> paged.Order:
    attribute, descending = sort_of(request, list(storage.SORTED_BY), "id")
    return storage.order_of(attribute, descending=descending)


def _entity(session: Session, row: TagRow) -> Response:
    shown = _entities(session, [row])[0]
    return answer(_one, {**shown, "siblings": deletions.siblings(session, row)})


def _entities(session: Session, rows: Sequence[TagRow]) -> list[dict[str, Any]]:
    return [_rendered(view) for view in storage.viewed(session, rows)]


def _rendered(view: TagView) -> dict[str, Any]:
    row, description = view.row, view.description
    return {
        "row": row,
        "author": {"id": view.author_id, "name": row.pushed_by} if row.pushed_by else None,
        "image_id": description.image_id if description else None,
        "size": description.size_bytes if description else None,
        "scanned": 0,
        "vulnerabilities": None,
        "deleting": view.deleting,
    }


def _grouped(entities: Sequence[dict[str, Any]]) -> list[Any]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for entity in entities:
        groups.setdefault(entity["row"].digest, []).append(entity)
    return [_many.dump(group) for group in groups.values()]
