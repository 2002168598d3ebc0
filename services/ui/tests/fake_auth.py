"""auth as ui sees it, over a `Company`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from services.ui.tests.company import HOST, PASSWORD, Company
from services.ui.tests.fake_account import account_of
from services.ui.tests.fake_answers import asker, describe, paged, problem
from services.ui.tests.fake_decisions import decisions_of
from services.ui.tests.fake_robots import robots_of
from services.ui.tests.fake_teams import teams_of
from services.ui.tests.fake_users import users_of

SECRET = "ui-secret"
_SHORTEST_PASSWORD = 8


def auth_app(company: Company) -> Flask:
    app = Flask("fake-auth")
    describe(app)

    @app.before_request
    def is_away() -> Response | None:
        return problem(503, "away") if "auth" in company.away else None

    @app.get("/ready")
    def ready() -> Response:
        return jsonify({"status": "ok", "parts": {"database": "ok"}})

    app.register_blueprint(_internal(company))
    app.register_blueprint(_public(company))
    app.register_blueprint(teams_of(company))
    app.register_blueprint(users_of(company))
    app.register_blueprint(robots_of(company))
    app.register_blueprint(account_of(company))
    app.register_blueprint(decisions_of(company))
    return app


def _internal(company: Company) -> Blueprint:
    routes = Blueprint("internal", __name__, url_prefix="/internal/v1")

    @routes.before_request
    def demand_service() -> Response | None:
        known = request.headers.get("Authorization") == f"Bearer {SECRET}"
        if known and request.headers.get("Portus-Service") == "ui":
            return None
        return problem(401, "Authentication fails")

    @routes.get("/about")
    def about() -> Response:
        registries = [{"name": "default", "external_host": HOST}]
        open_to = {"sign_up": company.sign_up, "mail": company.mail}
        needed = {"setup_needed": company.setup_needed}
        return jsonify({**needed, **open_to, "registries": registries})

    @routes.post("/principal")
    def principal() -> Response:
        return _principal(company, request.get_json())

    @routes.post("/sign-ins")
    def sign_in() -> Response:
        return _sign_in(company, request.get_json())

    @routes.delete("/sign-ins")
    def sign_out() -> Response:
        company.sign_ins.pop(request.get_json()["handle"], None)
        return Response(status=204)

    _add_outside(routes, company)
    return routes


def _principal(company: Company, given: dict[str, Any]) -> Response:
    name = ""
    if "address" in given:
        company.shown_from.append(given["address"])
    if "sign_in" in given:
        name = company.sign_ins.get(given["sign_in"], "?")
    elif "portus_auth" in given:
        name = given["portus_auth"].partition(":")[0]
    if name and name not in company.users:
        return problem(401, "Authentication fails")
    user = company.users.get(name, {})
    known = {
        "kind": "user" if name else "anonymous",
        "name": name,
        "admin": bool(user.get("admin")),
        "scopes": None,
        "user_id": user.get("id"),
    }
    return jsonify({"token": f"token-of-{name}", "expires_in": 60, "principal": known})


def _sign_in(company: Company, given: dict[str, Any]) -> Response:
    if given["login"] == "hasty":
        return problem(429, "Too many attempts", **{"Retry-After": "42"})
    user = company.users.get(given["login"])
    if user is None or given["password"] != PASSWORD:
        return problem(401, "Authentication fails")
    handle = f"handle-{len(company.sign_ins)}"
    company.sign_ins[handle] = given["login"]
    end = (datetime.now(UTC) + timedelta(days=14)).isoformat()
    who = {"id": user["id"], "username": given["login"], "admin": user["admin"]}
    response = jsonify({"handle": handle, "expires_at": end, "user": who})
    response.status_code = 201
    return response


def _add_outside(routes: Blueprint, company: Company) -> None:
    @routes.post("/sign-ups")
    def sign_up() -> Response:
        return _sign_up(company, request.get_json())

    @routes.post("/password-letters")
    def letters() -> Response:
        company.letters.append(request.get_json())
        hasty = company.letters[-1]["login"] == "hasty"
        return problem(429, "Too many", **{"Retry-After": "42"}) if hasty else Response(status=204)


def _sign_up(company: Company, given: dict[str, Any]) -> Response:
    if given["username"] == "hasty":
        return problem(429, "Too many", **{"Retry-After": "42"})
    if given["username"] in company.users:
        return problem(422, {"username": ["has already been taken"]})
    user = {"id": 100, "admin": False, "roles": {}, "address": given["address"]}
    company.users[given["username"]] = user
    response = jsonify({"id": 100, "username": given["username"]})
    response.status_code = 201
    return response


def _public(company: Company) -> Blueprint:
    routes = Blueprint("public", __name__, url_prefix="/api/v1")

    @routes.post("/users/bootstrap")
    def bootstrap() -> Response:
        given = request.get_json()
        if given["setup_code"] != company.setup_code:
            return problem(403, "The set-up code is not right")
        if len(given["user"]["password"]) < _SHORTEST_PASSWORD:
            return problem(422, {"password": ["is too short"]})
        name = given["user"]["username"]
        company.users[name] = {"id": 1, "admin": True, "roles": {}}
        company.setup_needed = False
        response = jsonify({"id": 1, "application": "bootstrap", "plain_token": "secret"})
        response.status_code = 201
        return response

    @routes.get("/namespaces")
    def namespaces() -> Response:
        user = asker()
        if user is None:
            return problem(401, "Authentication fails")
        found = [
            {**entry, "role": company.roles(user).get(entry["name"]), "actions": actions}
            for entry in company.namespaces
            if company.may_see(user, entry["name"])
            for actions in [_actions(company, user, entry["name"])]
        ]
        if name := request.args.get("name"):
            found = [entry for entry in found if entry["name"] == name]
        return paged(found)

    return routes


def _actions(company: Company, user: str, namespace: str) -> list[str]:
    role = company.roles(user).get(namespace)
    if role == "owner" or company.users.get(user, {}).get("admin"):
        return ["pull", "push", "delete"]
    return ["pull", "push"] if role == "contributor" else ["pull"]
