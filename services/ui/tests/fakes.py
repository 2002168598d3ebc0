"""auth, catalog and sync as ui sees them: small WSGI applications with the documented answers.

They keep who may see what, because leaks are what the view tests look for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, jsonify, request

SECRET = "ui-secret"
HOST = "registry.tidewater.example"
PASSWORD = "correct horse battery"


def sha(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def ago(**amount: float) -> str:
    return (datetime.now(UTC) - timedelta(**amount)).isoformat()


@dataclass
class World:
    """What the fakes know; tests change it and look again."""

    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    namespaces: list[dict[str, Any]] = field(default_factory=list)
    repositories: list[dict[str, Any]] = field(default_factory=list)
    activities: list[dict[str, Any]] = field(default_factory=list)
    sign_ins: dict[str, str] = field(default_factory=dict)
    setup_needed: bool = False
    setup_code: str = "PORT-US42"
    away: set[str] = field(default_factory=set)

    def roles(self, user: str) -> dict[str, str]:
        return self.users.get(user, {}).get("roles", {})

    def may_see(self, user: str, namespace: str) -> bool:
        found = next(entry for entry in self.namespaces if entry["name"] == namespace)
        if found["visibility"] == "public" or self.users.get(user, {}).get("admin"):
            return True
        if found["visibility"] == "protected" and user:
            return True
        return namespace in self.roles(user)

    def push(self, full_name: str, item: dict[str, Any], tags: list[str], by: str) -> None:
        """Let an image arrive, newest first."""
        repository = next((r for r in self.repositories if r["full_name"] == full_name), None)
        if repository is None:
            repository = new_repository(len(self.repositories) + 1, full_name)
            self.repositories.append(repository)
        moment = item["pushed_at"]
        for tag in tags:
            item["tags"].append({"id": 1, "name": tag, "pushed_at": moment, "pushed_by": by})
            self.activities.insert(0, activity(len(self.activities), full_name, tag, item, by))
        repository["images"].insert(0, item)
        repository["last_push"] = {"at": moment, "by": by, "tag": tags[0] if tags else None}


def activity(number: int, name: str, tag: str, item: dict[str, Any], by: str) -> dict[str, Any]:
    return {
        "id": number + 1,
        "key": "repository.push",
        "repository": name,
        "tag": tag,
        "digest": item["digest"],
        "actor": by,
        "occurred_at": item["pushed_at"],
    }


def new_repository(number: int, full_name: str, description: str = "") -> dict[str, Any]:
    return {
        "id": number,
        "full_name": full_name,
        "description": description,
        "images": [],
        "last_push": None,
    }


def image(seed: str, *, platforms: int = 2, size: int = 61_400_000, **when: float) -> dict[str, Any]:
    names = [("linux", "amd64", None), ("linux", "arm64", "v8"), ("linux", "s390x", None)]
    return {
        "digest": sha(seed),
        "media_type": "application/vnd.oci.image.index.v1+json",
        "artifact_type": None,
        "tags": [],
        "size_bytes": size,
        "platforms": [
            {
                "os": os,
                "architecture": architecture,
                "variant": variant,
                "digest": sha(f"{seed}{architecture}"),
                "size_bytes": size - 100_000 * place,
                "layers": 6,
            }
            for place, (os, architecture, variant) in enumerate(names[:platforms])
        ],
        "pushed_at": ago(**(when or {"minutes": 4})),
        "pushed_by": "ci-payments",
        "described": True,
    }


def problem(status: int, message: Any, **headers: str) -> Response:
    response = jsonify({"status": status, "message": message, "detail": str(message)})
    response.status_code = status
    response.headers.update(headers)
    return response


def asker() -> str | None:
    """Return the user of the token, "" for anonymous, None without a token."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.removeprefix("token-of-") if kind == "Bearer" and token else None


def auth_app(world: World) -> Flask:
    app = Flask("fake-auth")

    @app.before_request
    def guard() -> Response | None:
        if "auth" in world.away:
            return problem(503, "away")
        if request.path.startswith("/internal/"):
            known = request.headers.get("Authorization") == f"Bearer {SECRET}"
            if not known or request.headers.get("Portus-Service") != "ui":
                return problem(401, "Authentication fails")
        return None

    @app.get("/ready")
    def ready() -> Response:
        return jsonify({"status": "ok", "parts": {"database": "ok"}})

    @app.get("/internal/v1/about")
    def about() -> Response:
        registries = [{"name": "default", "external_host": HOST}]
        return jsonify({"setup_needed": world.setup_needed, "registries": registries})

    @app.post("/internal/v1/principal")
    def principal() -> Response:
        body = request.get_json()
        if "anonymous" in body:
            name = ""
        elif "sign_in" in body:
            name = world.sign_ins.get(body["sign_in"], "?")
        else:
            name = str(body.get("portus_auth", "?")).partition(":")[0]
        if name and name not in world.users:
            return problem(401, "Authentication fails")
        user = world.users.get(name, {})
        answer = {
            "kind": "user" if name else "anonymous",
            "name": name,
            "admin": bool(user.get("admin")),
            "scopes": None,
            "user_id": user.get("id"),
        }
        token = {"token": f"token-of-{name}", "expires_in": 60, "principal": answer}
        return jsonify(token)

    @app.post("/internal/v1/sign-ins")
    def sign_in() -> tuple[Response, int] | Response:
        body = request.get_json()
        if body["login"] == "hasty":
            return problem(429, "Too many attempts", **{"Retry-After": "42"})
        user = world.users.get(body["login"])
        if user is None or body["password"] != PASSWORD:
            return problem(401, "Authentication fails")
        handle = f"handle-{len(world.sign_ins)}"
        world.sign_ins[handle] = body["login"]
        end = (datetime.now(UTC) + timedelta(days=14)).isoformat()
        who = {"id": user["id"], "username": body["login"], "admin": user["admin"]}
        return jsonify({"handle": handle, "expires_at": end, "user": who}), 201

    @app.delete("/internal/v1/sign-ins")
    def sign_out() -> tuple[str, int]:
        world.sign_ins.pop(request.get_json()["handle"], None)
        return "", 204

    @app.post("/api/v1/users/bootstrap")
    def bootstrap() -> tuple[Response, int] | Response:
        body = request.get_json()
        if body["setup_code"] != world.setup_code:
            return problem(422, {"setup_code": ["is not the code that was printed"]})
        if len(body["user"]["password"]) < 8:
            return problem(422, {"password": ["is too short (minimum is 8 characters)"]})
        name = body["user"]["username"]
        world.users[name] = {"id": 1, "admin": True, "roles": {name: "owner"}}
        world.setup_needed = False
        return jsonify({"id": 1, "application": "bootstrap", "plain_token": "secret"}), 201

    @app.get("/api/v1/namespaces")
    def namespaces() -> Response:
        user = asker()
        if user is None:
            return problem(401, "Authentication fails")
        found = [
            {**entry, "role": world.roles(user).get(entry["name"]), "actions": acts(world, user, entry)}
            for entry in world.namespaces
            if world.may_see(user, entry["name"])
        ]
        if name := request.args.get("name"):
            found = [entry for entry in found if entry["name"] == name]
        return paged(found)

    return app


def acts(world: World, user: str, namespace: dict[str, Any]) -> list[str]:
    role = world.roles(user).get(namespace["name"])
    if role == "owner" or world.users.get(user, {}).get("admin"):
        return ["pull", "push", "delete"]
    return ["pull", "push"] if role == "contributor" else ["pull"]


def paged(found: list[dict[str, Any]]) -> Response:
    total = len(found)
    if request.args.get("all") != "true":
        size = int(request.args.get("per_page", 15))
        start = (int(request.args.get("page", 1)) - 1) * size
        found = found[start : start + size]
    response = jsonify(found)
    response.headers["X-Total"] = str(total)
    return response


def catalog_app(world: World) -> Flask:
    app = Flask("fake-catalog")

    @app.before_request
    def guard() -> Response | None:
        if "catalog" in world.away:
            return problem(503, "away")
        if asker() is None and request.path != "/ready":
            return problem(401, "Authentication fails")
        return None

    @app.get("/ready")
    def ready() -> Response:
        return jsonify({"status": "ok", "parts": {"database": "ok"}})

    def seen() -> list[dict[str, Any]]:
        user = asker() or ""
        return [r for r in world.repositories if world.may_see(user, space_of(r["full_name"]))]

    def entity(repository: dict[str, Any]) -> dict[str, Any]:
        space, _, name = repository["full_name"].partition("/")
        images = repository["images"]
        return {
            "id": repository["id"],
            "name": name or space,
            "full_name": repository["full_name"],
            "created_at": ago(days=30),
            "updated_at": ago(days=1),
            "description": repository["description"],
            "namespace": {"id": 1, "name": space if name else "_"},
            "registry_hostname": HOST,
            "stars": 0,
            "starred": False,
            "destroyable": False,
            "tags_count": sum(len(entry["tags"]) for entry in images),
            "size_bytes": sum(entry["size_bytes"] or 0 for entry in images),
            "images_count": len(images),
            "last_push": repository["last_push"],
            "actions": ["pull"],
        }

    @app.get("/api/v1/repositories")
    def repositories() -> Response:
        found = [entity(repository) for repository in seen()]
        if full := request.args.get("full_name"):
            found = [entry for entry in found if entry["full_name"] == full]
        if space := request.args.get("namespace"):
            found = [entry for entry in found if entry["namespace"]["name"] == space]
        if text := request.args.get("q"):
            found = [entry for entry in found if text in entry["full_name"]]
        return paged(found)

    @app.get("/api/v1/repositories/counts")
    def counts() -> Response:
        totals: dict[str, dict[str, Any]] = {}
        for entry in map(entity, seen()):
            space = entry["namespace"]["name"]
            new = {"namespace": space, "namespace_id": 1, "repositories": 0, "size_bytes": 0}
            total = totals.setdefault(space, {**new, "last_push_at": None})
            total["repositories"] += 1
            total["size_bytes"] += entry["size_bytes"]
            pushed = (entry["last_push"] or {}).get("at")
            total["last_push_at"] = max(total["last_push_at"] or "", pushed or "") or None
        return jsonify(list(totals.values()))

    @app.get("/api/v1/repositories/<int:number>")
    def repository(number: int) -> Response:
        found = [entry for entry in seen() if entry["id"] == number]
        return jsonify(entity(found[0])) if found else problem(404, "Not found")

    @app.get("/api/v1/repositories/<int:number>/images")
    def images(number: int) -> Response:
        found = [entry for entry in seen() if entry["id"] == number]
        if not found:
            return problem(404, "Not found")
        items = found[0]["images"]
        if text := request.args.get("filter"):
            items = [item for item in items if matches(item, text)]
        start = int(request.args.get("after") or 0)
        limit = int(request.args.get("limit", 25))
        following = str(start + limit) if start + limit < len(items) else None
        page = items[start : start + limit]
        return jsonify({"items": page, "next": following, "total": len(items)})

    @app.get("/api/v1/activities")
    def activities() -> Response:
        user = asker() or ""
        found = [a for a in world.activities if world.may_see(user, space_of(a["repository"]))]
        return jsonify({"items": found[: int(request.args.get("limit", 25))], "next": None})

    return app


def matches(item: dict[str, Any], text: str) -> bool:
    named = any(text in tag["name"] for tag in item["tags"])
    return named or item["digest"].partition(":")[2].startswith(text)


def space_of(full_name: str) -> str:
    space, slash, _ = full_name.partition("/")
    return space if slash else "_"


def sync_app(world: World) -> Flask:
    app = Flask("fake-sync")

    @app.get("/ready")
    def ready() -> Response | tuple[Response, int]:
        if "sync" in world.away:
            return jsonify({"status": "missing", "parts": {"registry": "does not answer"}}), 503
        return jsonify({"status": "ok", "parts": {"database": "ok"}})

    return app
