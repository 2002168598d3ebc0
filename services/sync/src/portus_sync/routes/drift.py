"""`/api/v1/drift`: how the registry differed from the catalogue, for admins."""

from http import HTTPStatus

from flask import Blueprint, Request, Response, json, request

from portus_shared.clock import now
from portus_shared.db import Database
from portus_shared.errors import Malformed, NotFound
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import encode_cursor, keyset_of
from portus_shared.web.principals import PrincipalResolver
from portus_sync.routes.access import admin
from portus_sync.routes.positions import PAGED, position_of
from portus_sync.schemas import ApprovalSchema, DriftPageSchema, DriftSchema
from portus_sync.storage import drift as storage, scans
from portus_sync.storage.tables import Drift, Removal
from portus_sync.usecases import drift, removals

_page = DriftPageSchema()
_QUERY = {
    **PAGED,
    "kind": f"one of {', '.join(storage.KINDS)}: not known here, pointing elsewhere, not there",
    "scan": "what this scan found",
}


def blueprint(database: Database, principals: PrincipalResolver) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("drift", __name__)
    listing = Operation(summary="List what scans found otherwise", gives=_page, query=_QUERY)
    approving = Operation(
        summary="Let the removals go ahead that a scan led to and that were held back",
        gives=ApprovalSchema(),
    )

    @routes.get("/api/v1/drift")
    @described(listing)
    def list_drift() -> Response:
        admin(principals)
        page, kind = keyset_of(request, width=1), _kind(request)
        with database.read() as session:
            found = storage.listed(
                session,
                kind=kind,
                scan_id=_scan(request.args.get("scan")),
                before=position_of(page),
                limit=page.limit,
            )
            items = [_rendered(row, removal) for row, removal in found]
        following = encode_cursor([items[-1]["id"]]) if len(items) == page.limit else None
        return _answer({"items": items, "next": following})

    @routes.post("/api/v1/scans/<scan_id>/approve")
    @described(approving)
    def approve_removals(scan_id: str) -> Response:
        actor = admin(principals)
        with database.write() as session:
            if "\x00" in scan_id or scans.by_id(session, scan_id) is None:
                raise NotFound
            count = removals.approve(session, actor.name, scan_id=scan_id, at=now())
        return _answer({"approved": count})

    return routes


def _rendered(row: Drift, removal: Removal | None) -> dict[str, object]:
    shown: dict[str, object] = DriftSchema().dump(row)
    state = removal.state if removal else None
    cause, done = drift.cause_of(row.scan_cause), drift.done_about(row.kind, state)
    held_by = removal.scan_id if removal and state == "held" else None
    return {**shown, "cause": cause, "done": done, "held_by": held_by}


def _kind(given: Request) -> str | None:
    kind = given.args.get("kind")
    if kind is not None and kind not in storage.KINDS:
        raise Malformed(f"kind must be one of {', '.join(storage.KINDS)}", field="kind")
    return kind


def _scan(text: str | None) -> str | None:
    if text is not None and "\x00" in text:
        raise Malformed("scan cannot contain NUL", field="scan")
    return text


def _answer(body: object) -> Response:
    return Response(json.dumps(body), HTTPStatus.OK, content_type="application/json")
