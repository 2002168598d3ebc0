"""catalog as ui sees it, over a `Company`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from services.ui.tests.company import HOST, Company, ago
from services.ui.tests.fake_answers import asker, describe, paged, problem


def catalog_app(company: Company) -> Flask:
    app = Flask("fake-catalog")
    describe(app)

    @app.before_request
    def guard() -> Response | None:
        if "catalog" in company.away:
            return problem(503, "away")
        if asker() is None and request.path not in {"/ready", "/openapi.json"}:
            return problem(401, "Authentication fails")
        return None

    @app.get("/ready")
    def ready() -> Response:
        return jsonify({"status": "ok", "parts": {"database": "ok"}})

    @app.get("/api/v1/activities")
    def activities() -> Response:
        user, limit = asker() or "", int(request.args.get("limit", 25))
        found = [
            activity
            for activity in company.activities
            if company.may_see(user, _space_of(activity["repository"]))
        ]
        return jsonify({"items": found[:limit], "next": None})

    app.register_blueprint(_lists(company))

    @app.delete("/api/v1/tags/<int:number>")
    def delete_tag(number: int) -> Response:
        company.deleted_tags.append((number, request.args.get("only")))
        return Response(status=204)

    app.register_blueprint(_one(company))
    app.register_blueprint(_images(company))
    return app


def _lists(company: Company) -> Blueprint:
    routes = Blueprint("lists", __name__, url_prefix="/api/v1/repositories")

    @routes.get("")
    def repositories() -> Response:
        wanted = request.args
        found = [
            entry
            for entry in map(_entity, _seen(company))
            if wanted.get("full_name", entry["full_name"]) == entry["full_name"]
            and wanted.get("namespace", entry["namespace"]["name"]) == entry["namespace"]["name"]
            and wanted.get("q", "") in entry["full_name"]
        ]
        return paged(found)

    @routes.get("/counts")
    def counts() -> Response:
        totals: dict[str, dict[str, Any]] = {}
        for entry in map(_entity, _seen(company)):
            space = entry["namespace"]["name"]
            new = {"namespace": space, "namespace_id": 1, "repositories": 0, "size_bytes": 0}
            total = totals.setdefault(space, {**new, "last_push_at": None})
            total["repositories"] += 1
            total["size_bytes"] += entry["size_bytes"]
            pushed = (entry["last_push"] or {}).get("at")
            total["last_push_at"] = max(total["last_push_at"] or "", pushed or "") or None
        return jsonify(list(totals.values()))

    return routes


def _one(company: Company) -> Blueprint:
    routes = Blueprint("one", __name__, url_prefix="/api/v1/repositories")

    @routes.get("/<int:number>")
    def repository(number: int) -> Response:
        found = [entry for entry in _seen(company) if entry["id"] == number]
        return jsonify(_entity(found[0])) if found else problem(404, "Not found")

    @routes.delete("/<int:number>")
    @routes.delete("/<int:number>/manifests/<digest>")
    def delete(number: int, digest: str = "") -> Response:
        (found,) = [entry for entry in company.repositories if entry["id"] == number]
        if "delete" not in _entity(found)["actions"]:
            return problem(403, "Forbidden")
        found["deleting"] = not digest
        for item in found["images"]:
            item["deleting"] = digest in {"", item["digest"]}
        return Response(status=204)

    @routes.get("/<int:number>/images")
    def images(number: int) -> Response:
        found = [entry for entry in _seen(company) if entry["id"] == number]
        if not found:
            return problem(404, "Not found")
        wants_untagged = request.args.get("untagged") == "true"
        every = found[0]["images"]
        items = [item for item in every if bool(item["tags"]) is not wants_untagged]
        if text := request.args.get("filter"):
            items = [item for item in items if _matches(item, text)]
        start, limit = int(request.args.get("after") or 0), int(request.args.get("limit", 25))
        page = {
            "items": items[start : start + limit],
            "next": str(start + limit) if start + limit < len(items) else None,
            "total": len(items),
            "untagged": sum(1 for item in every if not item["tags"]),
        }
        return jsonify(page)

    return routes


def _images(company: Company) -> Blueprint:
    routes = Blueprint("images", __name__, url_prefix="/api/v1/repositories/<int:number>")

    def items(number: int) -> list[dict[str, Any]]:
        return next((r["images"] for r in _seen(company) if r["id"] == number), [])

    @routes.get("/tags")
    def tags(number: int) -> Response:
        name, asked = request.args["name"], company.deleted_tags
        found = [
            {"id": 7, "name": name, "digest": item["digest"], "deleting": bool(asked)}
            for item in items(number)
            if any(tag["name"] == name for tag in item["tags"])
        ]
        return jsonify(found)

    @routes.get("/manifests/<digest>")
    def manifest(number: int, digest: str) -> Response:
        held: dict[str, Any] = {"config": None, "layers": None, "annotations": None}
        for item in items(number):
            if item["digest"] == digest:
                return jsonify({**held, "belongs_to": [], **item})
            if any(platform["digest"] == digest for platform in item["platforms"]):
                part = {"digest": digest, "tags": [], "attachments": [], "kind": "image"}
                return jsonify({**held, "belongs_to": [item["digest"]], **item, **part})
        return problem(404, "Not found")

    @routes.get("/history")
    def history(number: int) -> Response:
        name = next((r["full_name"] for r in _seen(company) if r["id"] == number), "")
        of = (name, request.args["tag"])
        start, limit = int(request.args.get("after") or 0), int(request.args["limit"])
        moves = [move for move in company.moves if move["of"] == of]
        following = str(start + limit) if start + limit < len(moves) else None
        return jsonify({"items": moves[start : start + limit], "next": following})

    return routes


def _seen(company: Company) -> list[dict[str, Any]]:
    user = asker() or ""
    return [
        repository
        for repository in company.repositories
        if company.may_see(user, _space_of(repository["full_name"]))
    ]


def _entity(repository: dict[str, Any]) -> dict[str, Any]:
    full_name, images = repository["full_name"], repository["images"]
    return {
        "id": repository["id"],
        "name": full_name.partition("/")[2] or full_name,
        "full_name": full_name,
        "created_at": ago(days=30),
        "updated_at": ago(days=1),
        "description": repository["description"],
        "namespace": {"id": 1, "name": _space_of(full_name)},
        "registry": "default",
        "registry_hostname": HOST,
        "stars": 0,
        "starred": False,
        "destroyable": False,
        "deleting": repository.get("deleting", False),
        "tags_count": sum(len(entry["tags"]) for entry in images),
        "size_bytes": sum(entry["size_bytes"] or 0 for entry in images),
        "images_count": len(images),
        "last_push": repository["last_push"],
        "actions": ["pull", "push", "delete"] if asker() == "ines.moreau" else ["pull"],
    }


def _matches(item: dict[str, Any], text: str) -> bool:
    named = any(text in tag["name"] for tag in item["tags"])
    hexes: str = item["digest"].partition(":")[2]
    return named or hexes.startswith(text.removeprefix("sha256:"))


def _space_of(full_name: str) -> str:
    space, slash, _ = full_name.partition("/")
    return space if slash else "_"
