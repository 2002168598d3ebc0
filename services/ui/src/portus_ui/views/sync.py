"""What sync does, for admins: scans, how the registry differed, what could not be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_shared.clock import now
from portus_ui.clients.sync import Json
from portus_ui.views.deps import Deps
from portus_ui.views.paging import followed
from portus_ui.views.sync_rows import KINDS, drift_row, scan_row, unreadable_row

T = TypeVar("T")
_SCANS: Final = "/sync"
_DRIFT: Final = "/sync/differences"
_UNREADABLE: Final = "/sync/unreadable"


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/sync`` and the pages below it."""
    routes = Blueprint("sync", __name__)
    _add_scans(routes, deps)
    _add_drift(routes, deps)
    _add_unreadable(routes, deps)
    return routes


def none_if_away(ask: Callable[[], T]) -> T | None:
    """Return what sync answers, None while it is away: the page then says so, and stays."""
    try:
        return ask()
    except errors.Unavailable:
        return None


def page_or_none(ask: Callable[[], Json]) -> Json | None:
    """Return a page, None while sync is away; a cursor that is none leads to an empty one."""
    try:
        return none_if_away(ask)
    except errors.Rejected:
        return {"items": [], "next": None}


def _add_scans(routes: Blueprint, deps: Deps) -> None:
    @routes.get(_SCANS)
    def scans() -> Response:
        viewer = deps.visitors.admin()
        found = none_if_away(lambda: deps.sync.scans(viewer))
        rows = [scan_row(scan, now()) for scan in found or ()]
        return deps.renderer.page(
            "sync.html",
            fragments={"scans": "_scans.html"},
            here="Sync",
            rows=rows,
            is_up=found is not None,
            under_way=any(row.under_way for row in rows),
            held=[row for row in rows if row.held],
        )

    @routes.post("/sync/scans")
    def scan_now() -> AnyResponse:
        deps.sync.scan_now(deps.visitors.admin())
        return redirect(_SCANS, 303)

    @routes.post("/sync/scans/<scan_id>/approve")
    def approve(scan_id: str) -> AnyResponse:
        deps.sync.approve(deps.visitors.admin(), scan_id)
        return redirect(f"{_DRIFT}?kind=gone", 303)


def _add_drift(routes: Blueprint, deps: Deps) -> None:
    @routes.get(_DRIFT)
    def drift() -> Response:
        viewer, kind = deps.visitors.admin(), request.args.get("kind", "")
        wanted = {
            "kind": kind if kind in KINDS else "",
            "scan": request.args.get("scan", "")[:64].replace("\x00", ""),
        }
        after = request.args.get("after", "")[:500]
        found = page_or_none(lambda: deps.sync.drift(viewer, **wanted, after=after))
        rows = [drift_row(item, now()) for item in (found or {}).get("items", ())]
        return deps.renderer.page(
            "sync-differences.html",
            here="Sync",
            rows=rows,
            is_up=found is not None,
            kinds=KINDS,
            wanted=wanted,
            filtered=bool(after or any(wanted.values())),
            held_by=list(dict.fromkeys(row.held_by for row in rows if row.held_by)),
            pager=followed(_DRIFT, wanted, after, (found or {}).get("next")),
        )


def _add_unreadable(routes: Blueprint, deps: Deps) -> None:
    @routes.get(_UNREADABLE)
    def unreadable() -> Response:
        viewer, after = deps.visitors.admin(), request.args.get("after", "")[:500]
        found = page_or_none(lambda: deps.sync.quarantine(viewer, after=after))
        return deps.renderer.page(
            "sync-unreadable.html",
            here="Sync",
            rows=[unreadable_row(item, now()) for item in (found or {}).get("items", ())],
            is_up=found is not None,
            pager=followed(_UNREADABLE, {}, after, (found or {}).get("next")),
        )
