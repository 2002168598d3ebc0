"""Explore: search over what the visitor may see."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portus_shared.clock import now
from portus_ui.views.deps import Deps
from portus_ui.views.models import repository_rows
from portus_ui.views.paging import number_of, pager


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/explore``."""
    routes = Blueprint("explore", __name__)

    @routes.get("/explore")
    def explore() -> Response:
        viewer = deps.visitors.viewer()
        text = request.args.get("q", "").strip()[:255]
        listing = deps.pages.explore(viewer, text, number_of(request))
        return deps.renderer.page(
            "explore.html",
            here="Explore",
            query=text,
            rows=repository_rows(listing.items, now(), names=viewer.name is not None),
            pager=pager(request, listing, "repository", "repositories"),
        )

    return routes
