"""`/api/v1/scans`: what scans found, and "Scan now", for admins."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, json
from sqlalchemy.orm import Session

from portus_shared.clock import now
from portus_shared.db import Database
from portus_shared.web.openapi import Operation, described
from portus_shared.web.principals import PrincipalResolver
from portus_sync.routes.access import admin
from portus_sync.schemas import ScanFailureSchema, ScanSchema
from portus_sync.storage import removals, scans as storage
from portus_sync.storage.tables import Scan
from portus_sync.usecases import scans

SHOWN = 50
_many = ScanSchema(many=True)


def blueprint(database: Database, principals: PrincipalResolver) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("scans", __name__)

    @routes.get("/api/v1/scans")
    @described(Operation(summary="List the latest scans, newest first", gives=_many))
    def list_scans() -> Response:
        admin(principals)
        with database.read() as session:
            return _answer(_entities(session, storage.newest(session, limit=SHOWN)))

    @routes.post("/api/v1/scans")
    @described(Operation(summary="Scan every registry now", gives=_many, status=202))
    def request_scans() -> Response:
        actor = admin(principals)
        with database.write() as session:
            asked = scans.request_all(session, cause="command", asked_by=actor.name, at=now())
            return _answer(_entities(session, asked), HTTPStatus.ACCEPTED)

    return routes


def _entities(session: Session, found: Sequence[Scan]) -> list[Any]:
    ids = [scan.id for scan in found]
    failures, held = storage.failures(session, ids), removals.held_by_scan(session, ids)
    schema, unread = ScanSchema(), ScanFailureSchema(many=True)
    return [
        {
            **schema.dump(scan),
            "held": held.get(scan.id, 0),
            "failures": unread.dump([each for each in failures if each.scan_id == scan.id]),
        }
        for scan in found
    ]


def _answer(entities: list[Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(json.dumps(entities), status, content_type="application/json")
