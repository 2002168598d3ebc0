"""The dashboard: what I have, what happened, how to connect Docker."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared.clock import now
from portus_ui.domain.viewer import Viewer
from portus_ui.usecases.pages import DashboardFacts
from portus_ui.views.deps import Deps
from portus_ui.views.feed import feed_items
from portus_ui.views.formats import size
from portus_ui.views.models import NamespaceRow, namespace_rows

_MINE_SHOWN = 8
_FEED_SHOWN = 20


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/``."""
    routes = Blueprint("dashboard", __name__)

    @routes.get("/")
    def dashboard() -> AnyResponse:
        viewer = deps.visitors.viewer()
        if viewer.name is None:
            return redirect("/setup" if deps.abouts.now().setup_needed else "/sign-in", 303)
        return _dashboard(deps, viewer, deps.pages.dashboard(viewer))

    return routes


def _dashboard(deps: Deps, viewer: Viewer, facts: DashboardFacts) -> AnyResponse:
    moment = now()
    rows = namespace_rows(facts.namespaces, facts.counts, moment)
    # Admins see everybody's personal namespaces; a role says that one is theirs.
    mine = sorted((row for row in rows if row.role), key=_latest_first)
    pushed = sum(row.repositories or 0 for row in rows)
    stored = sum(int(entry.get("size_bytes") or 0) for entry in facts.counts or ())
    return deps.renderer.page(
        "dashboard.html",
        fragments={"feed": "_feed.html"},
        here="Dashboard",
        namespaces=len(rows),
        repositories=pushed,
        stored=size(stored),
        mine=mine[:_MINE_SHOWN],
        feed=feed_items(facts.activities or (), moment)[:_FEED_SHOWN],
        catalog_up=facts.activities is not None,
        first=_first_place(mine, viewer),
        waited="waited" in request.args,
    )


def _latest_first(row: NamespaceRow) -> tuple[bool, str, str]:
    newest = row.last_push.iso if row.last_push else ""
    return (not newest, "".join(chr(0x10FFFF - ord(char)) for char in newest), row.name)


def _first_place(mine: list[NamespaceRow], viewer: Viewer) -> str:
    """Return the namespace that the first push is shown with: the visitor's own if possible."""
    for row in mine:
        if row.personal:
            return row.name
    may_push = [row.name for row in mine if "push" in row.actions]
    return may_push[0] if may_push else viewer.name or ""
