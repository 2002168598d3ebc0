"""auth's robots as ui sees them, over a `Company`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from services.ui.tests.company import Company, ago
from services.ui.tests.fake_answers import asker, paged, problem

Json = dict[str, Any]
SECRET = "ptk_abcd-the-secret"
MOST = 3


def robots_of(company: Company) -> Blueprint:
    routes = Blueprint("robots", __name__, url_prefix="/api/v1/robots")
    _add_lists(routes, company)
    _add_robot(routes, company)
    _add_tokens(routes, company)
    return routes


def _add_lists(routes: Blueprint, company: Company) -> None:
    @routes.get("")
    def robots() -> Response:
        home = None if (given := request.args["namespace"]) == "_" else given
        mine = [each for each in company.robots if _manages(company, each)]
        return paged([_shown(each) for each in mine if _home(each) == home])

    @routes.post("")
    def create() -> Response:
        given = request.get_json()["robot"]
        home = given["namespace"]
        full = "/".join(["robot", *([home] if home else []), given["name"]])
        faults = _faults(company, home, full, given)
        if faults:
            return problem(422, faults)
        made = robot(len(company.robots) + 1, full, given["permissions"], asker() or "")
        made["description"] = given["description"]
        made["tokens"][0]["expires_at"] = given["expires_at"]
        company.robots.append(made)
        return _created({**_shown(made), "plain_token": SECRET})


def _faults(company: Company, home: str | None, full: str, given: Json) -> dict[str, list[str]]:
    faults = {}
    if not given["name"] or any(each["name"] == full for each in company.robots):
        faults["name"] = ["has already been taken"]
    if outside := _outside(home, given["permissions"]):
        faults["permissions"] = outside
    if sum(_home(each) == home for each in company.robots) >= MOST:
        faults["namespace"] = [f"{MOST} robots are all that a setting allows"]
    return faults


def _outside(home: str | None, permissions: list[str]) -> list[str]:
    patterns = [each.rpartition(":")[0] for each in permissions]
    return [
        f"'{each}' must lie in {home}/*"
        for each in patterns
        if home and not each.startswith(f"{home}/")
    ]


def _add_robot(routes: Blueprint, company: Company) -> None:
    @routes.get("/<int:number>")
    def show(number: int) -> Response:
        found = _find(company, number)
        return jsonify(_shown(found)) if found else problem(404, "Not found")

    @routes.put("/<int:number>")
    def change(number: int) -> Response:
        found, given = _find(company, number), request.get_json()["robot"]
        if found is None:
            return problem(404, "Not found")
        if outside := _outside(_home(found), given.get("permissions", [])):
            return problem(422, {"permissions": outside})
        found.update(given)
        return jsonify(_shown(found))

    @routes.delete("/<int:number>")
    def delete(number: int) -> Response:
        found = _find(company, number)
        if found is None:
            return problem(404, "Not found")
        company.robots.remove(found)
        return Response(status=204)


def _add_tokens(routes: Blueprint, company: Company) -> None:
    @routes.get("/<int:number>/application_tokens")
    def tokens(number: int) -> Response:
        found = _find(company, number)
        return jsonify(found["tokens"]) if found else problem(404, "Not found")

    @routes.post("/<int:number>/application_tokens")
    def create_token(number: int) -> Response:
        found, given = _find(company, number), request.get_json()
        if found is None:
            return problem(404, "Not found")
        if len(found["tokens"]) > 1:
            return problem(409, "A robot has 2 tokens at most")
        if not given["application"]:
            return problem(422, {"application": ["can't be blank"]})
        made = token(len(found["tokens"]) + 1, given["application"], given["expires_at"])
        found["tokens"].append(made)
        return _created({**made, "plain_token": SECRET})

    _add_token(routes, company)


def _add_token(routes: Blueprint, company: Company) -> None:
    @routes.put("/<int:number>/application_tokens/<int:token_id>")
    def change_token(number: int, token_id: int) -> Response:
        found, given = _token(company, number, token_id), request.get_json()
        if found is None:
            return problem(404, "Not found")
        if not given.get("application", "x"):
            return problem(422, {"application": ["can't be blank"]})
        found.update(given)
        return jsonify(found)

    @routes.delete("/<int:number>/application_tokens/<int:token_id>")
    def delete_token(number: int, token_id: int) -> Response:
        found = _token(company, number, token_id)
        if found is None:
            return problem(404, "Not found")
        company.robots[number - 1]["tokens"].remove(found)
        return Response(status=204)


def robot(number: int, full_name: str, permissions: list[str], by: str = "ines.moreau") -> Json:
    made = {"id": number, "name": full_name, "permissions": permissions, "created_by": by}
    times = {"created_at": ago(days=2), "last_used_at": ago(hours=1)}
    return {**made, **times, "description": "", "enabled": True, "tokens": [token(1, "first")]}


def token(number: int, name: str, ends: str | None = None) -> Json:
    used = {"last_used_at": ago(hours=1), "last_used_address": "10.0.0.9"}
    made = {"id": number, "application": name, "prefix": "ptk_abcd", "scopes": None}
    return {**made, **used, "expires_at": ends, "expired": False}


def _find(company: Company, number: int) -> Json | None:
    found = (each for each in company.robots if each["id"] == number and _manages(company, each))
    return next(found, None)


def _token(company: Company, number: int, token_id: int) -> Json | None:
    found = _find(company, number)
    return next((each for each in (found or {}).get("tokens", []) if each["id"] == token_id), None)


def _manages(company: Company, found: Json) -> bool:
    user, home = asker() or "", _home(found)
    return bool(company.users.get(user, {}).get("admin")) or (
        home is not None and company.roles(user).get(home) == "owner"
    )


def _home(found: Json) -> str | None:
    parts = found["name"].split("/")
    return parts[1] if parts[2:] else None


def _shown(found: Json) -> Json:
    home = _home(found)
    shown = {name: value for name, value in found.items() if name != "tokens"}
    namespace = {"id": 1, "name": home} if home else None
    return {**shown, "namespace": namespace, "tokens_count": len(found["tokens"])}


def _created(body: Json) -> Response:
    response = jsonify(body)
    response.status_code = 201
    return response
