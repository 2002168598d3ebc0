"""The images of a repository and what their manifests hold."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portus_catalog.routes.edge import (
    FOLLOWING,
    Deps,
    accepted,
    after_of,
    answer,
    rendered,
    word_of,
)
from portus_catalog.schemas import HeldSchema, ImageSchema, ImagesSchema, ManifestSchema
from portus_catalog.storage import attachments, images as storage
from portus_catalog.usecases import browse
from portus_catalog.usecases.delete import delete_image
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import encode_cursor

_page = ImagesSchema()
_manifest = ManifestSchema()
_image, _held = ImageSchema(), HeldSchema()


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("images", __name__)

    _add_images(routes, deps)
    _add_manifests(routes, deps)
    return routes


def _add_images(routes: Blueprint, deps: Deps) -> None:
    listing = Operation(
        summary="List the images of a repository, newest push first",
        gives=_page,
        query={
            **FOLLOWING,
            "filter": "part of a tag, or how a digest begins",
            "untagged": "true for those without a tag",
        },
    )

    @routes.get("/api/v1/repositories/<int:repository_id>/images")
    @described(listing)
    def list_images(repository_id: int) -> Response:
        after, text = after_of(request), word_of(request, "filter")
        untagged = request.args.get("untagged", "").lower() in {"true", "1"}
        with deps.reading(request) as (session, viewer):
            repository = browse.find_repository(session, viewer, repository_id)
            wanted = storage.select_images(repository, untagged=untagged, filter=text)
            items, position = storage.page(session, repository, wanted, after)
            page = {
                "items": items,
                "next": encode_cursor(position) if position else None,
                "total": storage.count(session, repository, untagged=untagged, filter=text),
                "untagged": repository.untagged_count,
            }
            return answer(_page, page)


def _add_manifests(routes: Blueprint, deps: Deps) -> None:
    showing = Operation(
        summary="Show what a manifest holds, with what is attached to it", gives=_manifest
    )

    @routes.get("/api/v1/repositories/<int:repository_id>/manifests/<digest>")
    @described(showing)
    def show_manifest(repository_id: int, digest: str) -> Response:
        with deps.reading(request) as (session, viewer):
            repository, row, manifest = browse.find_manifest(session, viewer, repository_id, digest)
            view = storage.viewed(session, repository, row)
            belongs_to = attachments.belongs_to(session, repository, manifest)
            held = {"manifest": manifest, "belongs_to": belongs_to}
            return rendered({**_image.dump(view), **_held.dump(held)})

    @routes.delete("/api/v1/repositories/<int:repository_id>/manifests/<digest>")
    @described(Operation(summary="Delete an image with all its tags", status=204))
    def remove_manifest(repository_id: int, digest: str) -> Response:
        with deps.writing(request) as (session, viewer):
            delete_image(session, viewer, repository_id, digest)
        return accepted()
