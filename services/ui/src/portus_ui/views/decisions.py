"""Why was I denied? What auth decided about one's token requests; for admins, everybody's."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Request, Response, request

from portus_shared import errors
from portus_shared.clock import now
from portus_ui.domain.viewer import Viewer
from portus_ui.views.decision_rows import OUTCOMES, decision_row
from portus_ui.views.deps import Deps
from portus_ui.views.paging import followed

_PATH = "/account/decisions"


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/account/decisions``."""
    routes = Blueprint("decisions", __name__)

    @routes.get(_PATH)
    def decisions() -> Response:
        viewer = deps.visitors.signed_in()
        wanted, after = _wanted(request, viewer), request.args.get("after", "")
        found = _found(deps, viewer, wanted, after)
        rows = [decision_row(each, now()) for each in found["items"]]
        return deps.renderer.page(
            "account-decisions.html",
            here="Account",
            rows=rows,
            wanted=wanted,
            filtered=any(request.args.values()),
            outcomes=OUTCOMES,
            pager=followed(_PATH, wanted, after, found["next"]),
        )

    return routes


def _wanted(given: Request, viewer: Viewer) -> dict[str, str]:
    """Read the filter; without one an admin sees what is their own, as everybody does."""
    own = viewer.name or ""
    outcome = given.args.get("outcome", "")
    return {
        "user": given.args.get("user", own).strip() if viewer.admin else "",
        "repository": given.args.get("repository", "").strip(),
        "outcome": outcome if outcome in OUTCOMES else "",
    }


def _found(deps: Deps, viewer: Viewer, wanted: dict[str, str], after: str) -> Any:
    """Return a page of decisions; a cursor that is none leads to the first."""
    try:
        return deps.auth.decisions.page(viewer, **wanted, after=after)
    except errors.Rejected:
        return {"items": [], "next": None}
