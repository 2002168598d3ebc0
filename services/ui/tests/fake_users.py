"""auth's accounts as ui sees them, over a `Company`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from services.ui.tests.company import Company, ago
from services.ui.tests.fake_answers import asker, paged, problem

RESET = "prt_1-2-3"


def users_of(company: Company) -> Blueprint:
    routes = Blueprint("users", __name__, url_prefix="/api/v1/users")

    @routes.before_request
    def demand_admin() -> Response | None:
        is_admin = company.users.get(asker() or "", {}).get("admin")
        is_public = request.path.endswith("/users/password_resets")
        return None if is_admin or is_public else problem(403, "Authorization fails")

    @routes.get("")
    def users() -> Response:
        return paged([_shown(name, user) for name, user in sorted(company.users.items())])

    @routes.post("")
    def create() -> Response:
        given = request.get_json()["user"]
        if given["username"] in company.users or not given["username"]:
            return problem(422, {"username": ["has already been taken"]})
        user = {"id": 100 + len(company.users), "admin": False, "roles": {}, **given}
        company.users[given["username"]] = user
        return _created(_shown(given["username"], user))

    _add_user(routes, company)
    _add_resets(routes, company)
    return routes


def _add_user(routes: Blueprint, company: Company) -> None:
    @routes.get("/<int:number>")
    def show(number: int) -> Response:
        found = _find(company, number)
        return jsonify(_shown(*found)) if found else problem(404, "Not found")

    @routes.put("/<int:number>")
    def change(number: int) -> Response:
        found, given = _find(company, number), request.get_json()["user"]
        if found is None:
            return problem(404, "Not found")
        if found[0] == "root":
            return problem(409, "One enabled admin must remain")
        found[1].update(given)
        return jsonify(_shown(*found))


def _add_resets(routes: Blueprint, company: Company) -> None:
    @routes.post("/<int:number>/password_resets")
    def issue(number: int) -> Response:
        if _find(company, number) is None:
            return problem(404, "Not found")
        end = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        return _created({"token": RESET, "expires_at": end})

    @routes.delete("/<int:number>")
    def delete(number: int) -> Response:
        found = _find(company, number)
        if found is None:
            return problem(404, "Not found")
        if found[0] == "ines.moreau":
            return problem(409, "ines.moreau is the only owner of: payments")
        del company.users[found[0]]
        company.ended.append(f"user {found[0]} {request.query_string.decode()}".strip())
        return Response(status=204)

    @routes.post("/password_resets")
    def use() -> Response:
        given = request.get_json()
        if given["token"] != RESET:
            return problem(422, {"token": ["is wrong, used, or too old"]})
        company.ended.append(f"reset to {given['password']}")
        return Response(status=204)


def _find(company: Company, number: int) -> tuple[str, dict[str, Any]] | None:
    found = ((name, user) for name, user in company.users.items() if user["id"] == number)
    return next(found, None)


def _shown(name: str, user: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": user["id"],
        "username": name,
        "email": user.get("email", f"{name}@example.org"),
        "admin": user["admin"],
        "enabled": user.get("enabled", True),
        "bot": user.get("bot", False),
        "display_name": None,
        "created_at": ago(days=9),
        "current_sign_in_at": ago(hours=2),
    }


def _created(body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.status_code = 201
    return response
