"""What is being deleted and what became of it: everything for admins, else what one asked for."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_shared.clock import now
from portus_ui.domain.viewer import Viewer
from portus_ui.views.deps import Deps
from portus_ui.views.paging import followed
from portus_ui.views.sync import page_or_none
from portus_ui.views.sync_rows import STATUSES, deletion_row

_PATH: Final = "/deletions"


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/deletions``."""
    routes = Blueprint("deletions", __name__)

    @routes.get(_PATH)
    def deletions() -> Response:
        return _page(deps, deps.visitors.signed_in())

    @routes.post("/deletions/<deletion_id>/retry")
    def retry(deletion_id: str) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        try:
            deps.sync.retry(viewer, deletion_id)
        except errors.Conflict as error:
            return _page(deps, viewer, status=409, wrong=error.message)
        return redirect(_PATH, 303)

    return routes


def _page(deps: Deps, viewer: Viewer, *, status: int = 200, wrong: str = "") -> Response:
    wanted, after = request.args.get("status", ""), request.args.get("after", "")[:500]
    shown = wanted if wanted in STATUSES else ""
    found = page_or_none(lambda: deps.sync.deletions(viewer, status=shown, after=after))
    rows = [deletion_row(item, now()) for item in (found or {}).get("items", ())]
    return deps.renderer.page(
        "deletions.html",
        fragments={"deletions": "_deletions.html"},
        status=status,
        here="Sync" if viewer.admin else "Account",
        rows=rows,
        is_up=found is not None,
        statuses=STATUSES,
        wanted=shown,
        filtered=bool(after or shown),
        under_way=any(row.under_way for row in rows),
        wrong=wrong,
        address=request.full_path.rstrip("?") if request.method == "GET" else _PATH,
        pager=followed(_PATH, {"status": shown}, after, (found or {}).get("next")),
    )
