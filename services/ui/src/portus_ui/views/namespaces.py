"""Namespaces: the list, and one with its repositories."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_shared.clock import now
from portus_ui.views.deps import Deps
from portus_ui.views.models import access_of, namespace_row, namespace_rows, repository_rows
from portus_ui.views.paging import number_of, pager


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/namespaces`` and ``/n/<namespace>``."""
    routes = Blueprint("namespaces", __name__)

    @routes.get("/namespaces")
    def namespaces() -> Response:
        listing, counts = deps.pages.namespaces(deps.visitors.viewer(), number_of(request))
        return deps.renderer.page(
            "namespaces.html",
            fragments={"namespaces": "_namespaces.html"},
            here="Namespaces",
            rows=namespace_rows(listing.items, counts, now()),
            pager=pager(request, listing, "namespace"),
            catalog_up=counts is not None,
            address=request.full_path.rstrip("?"),
        )

    @routes.get("/n/<name>")
    def namespace(name: str) -> Response:
        return _namespace(deps, name)

    @routes.post("/n/<name>/visibility")
    def change_visibility(name: str) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        chosen = request.form.get("visibility", "")
        space = deps.pages.namespace_alone(viewer, name)
        try:
            deps.auth.teams.change_namespace(viewer, space["id"], visibility=chosen)
        except errors.Rejected as error:
            faults = [fault for found in error.fields.values() for fault in found]
            return _namespace(deps, name, status=422, wrong="; ".join(faults) or error.message)
        return redirect(f"/n/{name}", 303)

    return routes


def _namespace(deps: Deps, name: str, *, status: int = 200, wrong: str = "") -> Response:
    text = request.args.get("f", "").strip()[:255]
    viewer = deps.visitors.viewer()
    facts = deps.pages.namespace(viewer, name, number_of(request), text)
    counts = None if facts.counts is None else {entry["namespace"]: entry for entry in facts.counts}
    row = namespace_row(facts.namespace, counts, now())
    listing, names = facts.repositories, viewer.name is not None
    return deps.renderer.page(
        "namespace.html",
        status=status,
        wrong=wrong,
        fragments={"repositories": "_repositories.html"},
        here="Namespaces",
        namespace=row,
        manages=viewer.admin or facts.namespace.get("role") == "owner",
        access=access_of(row.role, admin=viewer.admin),
        rows=repository_rows(listing.items, now(), names=names) if listing else [],
        pager=pager(request, listing, "repository", "repositories") if listing else None,
        catalog_up=listing is not None,
        filter=text,
        address=request.full_path.rstrip("?"),
    )
