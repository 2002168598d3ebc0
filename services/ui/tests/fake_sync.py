"""sync as ui sees it: scans, differences, deletions and what could not be read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from services.ui.tests.company import Company, Json, ago, sha
from services.ui.tests.fake_answers import asker, describe, problem


def sync_app(company: Company) -> Flask:
    app = Flask("fake-sync")
    describe(app)

    @app.before_request
    def guard() -> Response | None:
        if request.path in {"/ready", "/openapi.json"}:
            return None
        return problem(503, "away") if "sync" in company.away else None

    @app.get("/ready")
    def ready() -> Response:
        fault = "does not answer" if "sync" in company.away else "ok"
        response = jsonify({"status": "ok", "parts": {"registry": fault}})
        response.status_code = 200 if fault == "ok" else 503
        return response

    app.register_blueprint(_scans(company))
    app.register_blueprint(_deletions(company))
    return app


def _scans(company: Company) -> Blueprint:
    routes = Blueprint("scans", __name__, url_prefix="/api/v1")

    @routes.before_request
    def admins_only() -> Response | None:
        return None if _is_admin(company) else problem(403, "For admins")

    @routes.get("/scans")
    def scans() -> Response:
        return jsonify(company.scans)

    @routes.post("/scans")
    def scan_now() -> tuple[Response, int]:
        company.scans.insert(0, scan("new", cause="command", state="waiting", by=asker() or ""))
        return jsonify([]), 202

    @routes.post("/scans/<scan_id>/approve")
    def approve(scan_id: str) -> Response:
        found = [entry for entry in company.scans if entry["id"] == scan_id]
        if not found:
            return problem(404, "Not found")
        approved, found[0]["held"] = found[0]["held"], 0
        return jsonify({"approved": approved})

    @routes.get("/drift")
    def drift() -> Response:
        kind, scan_id = request.args.get("kind"), request.args.get("scan")
        found = [entry for entry in company.drift if kind in {None, entry["kind"]}]
        return _page([entry for entry in found if scan_id in {None, entry["scan_id"]}])

    @routes.get("/quarantine")
    def quarantine() -> Response:
        return _page(company.quarantine)

    return routes


def _deletions(company: Company) -> Blueprint:
    routes = Blueprint("deletions", __name__, url_prefix="/api/v1/deletions")

    @routes.get("")
    def deletions() -> Response:
        status, user = request.args.get("status"), asker()
        own = [d for d in company.deletions if _is_admin(company) or d["requested_by"] == user]
        return _page([entry for entry in own if status in {None, entry["status"]}])

    @routes.get("/abilities")
    def abilities() -> Response:
        can = company.deletes_tags
        found = {"registry": "default", "deletes_tags": can, "found_at": ago(hours=1)}
        return jsonify([] if can is None else [found])

    @routes.post("/<deletion_id>/retry")
    def retry(deletion_id: str) -> Response:
        if not _is_admin(company):
            return problem(403, "For admins")
        found = [entry for entry in company.deletions if entry["id"] == deletion_id]
        if not found:
            return problem(404, "Not found")
        if found[0]["status"] != "failed":
            return problem(409, "Only a deletion that has failed can be retried")
        found[0]["status"] = "waiting"
        return jsonify(found[0])

    return routes


def scan(name: str, *, cause: str = "timer", state: str = "done", by: str = "sync") -> Json:
    ended = None if state in {"waiting", "running"} else ago(minutes=9)
    return {
        "id": name,
        "registry": "default",
        "cause": cause,
        "asked_by": by,
        "state": state,
        "requested_at": ago(minutes=10),
        "started_at": ago(minutes=10),
        "finished_at": ended,
        "attempts": 1,
        "repositories": 40,
        "repositories_done": 40 if ended else 12,
        "tags": 300,
        "reason": None,
        "failures": [],
        "held": 0,
    }


def difference(tag: str, kind: str, scan_id: str = "one", held_by: str | None = None) -> Json:
    return {
        "id": 1,
        "scan_id": scan_id,
        "registry": "default",
        "repository": "payments/api",
        "tag": tag,
        "kind": kind,
        "known_digest": None if kind == "missing" else sha("1.41.3"),
        "found_digest": None if kind == "gone" else sha("1.42.0"),
        "found_at": ago(minutes=8),
        "cause": "It happened while sync was away",
        "done": "Too many are gone at once: an admin decides" if held_by else "Nothing yet",
        "held_by": held_by,
    }


def deletion(name: str, status: str, by: str = "ines.moreau", **facts: Any) -> Json:
    ended = ago(minutes=2) if status in {"done", "failed"} else None
    return {
        "id": name,
        "registry": "default",
        "repository": "payments/api",
        "digest": sha("1.42.0"),
        "tag": None,
        "requested_by": by,
        "requested_at": ago(minutes=5),
        "status": status,
        "attempts": 0,
        "reason": "The registry does not delete" if status == "failed" else None,
        "finished_at": ended,
        **facts,
    }


def _page(found: list[Json]) -> Response:
    after = request.args.get("after", "0")
    if not after.isdigit():
        return problem(400, {"after": ["is not a cursor of this list"]})
    start, limit = int(after), int(request.args.get("limit", 25))
    following = str(start + limit) if start + limit < len(found) else None
    return jsonify({"items": found[start : start + limit], "next": following})


def _is_admin(company: Company) -> bool:
    return bool(company.users.get(asker() or "", {}).get("admin"))
