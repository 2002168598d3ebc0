"""auth's teams as ui sees them, over a `Company`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from services.ui.tests.company import Company, namespace
from services.ui.tests.fake_answers import asker, paged, problem

Json = dict[str, Any]


def teams_of(company: Company) -> Blueprint:
    routes = Blueprint("teams", __name__, url_prefix="/api/v1")
    _add_teams(routes, company)
    _add_namespaces(routes, company)
    _add_change(routes, company)
    _add_endings(routes, company)
    _add_members(routes, company)
    _add_member(routes, company)
    return routes


def _add_teams(routes: Blueprint, company: Company) -> None:
    @routes.get("/teams")
    def teams() -> Response:
        return paged([_shown(team) for team in company.teams if _may_see(company, team)])

    @routes.post("/teams")
    def create() -> Response:
        given = request.get_json()
        if any(team["name"] == given["name"] for team in company.teams):
            return problem(422, {"name": ["has already been taken"]})
        me = {"id": 1, "username": asker(), "display_name": None, "enabled": True, "role": "owner"}
        made = {**given, "id": 100 + len(company.teams), "members": [me]}
        company.teams.append(made)
        return _created(_shown(made))

    @routes.get("/teams/<int:number>")
    def show(number: int) -> Response:
        team = _find(company, number)
        return jsonify(_shown(team)) if team else problem(404, "Not found")


def _add_change(routes: Blueprint, company: Company) -> None:
    @routes.put("/teams/<int:number>")
    def change(number: int) -> Response:
        team, changes = _find(company, number), request.get_json()["team"]
        if team is None:
            return problem(404, "Not found")
        if any(each["name"] == changes.get("name") for each in company.teams):
            return problem(422, {"name": ["has already been taken"]})
        team |= changes
        return jsonify(_shown(team))


def _add_endings(routes: Blueprint, company: Company) -> None:
    @routes.delete("/teams/<int:number>")
    def delete_team(number: int) -> Response:
        team, heir = _find(company, number), request.args.get("new_team")
        if team is None or (heir and all(each["name"] != heir for each in company.teams)):
            return problem(404, "Not found")
        company.teams.remove(team)
        company.ended.append(f"team {team['name']} {request.query_string.decode()}".strip())
        return Response(status=204)

    @routes.delete("/namespaces/<int:number>")
    def delete_namespace(number: int) -> Response:
        found = next(each for each in company.namespaces if each["id"] == number)
        company.namespaces.remove(found)
        company.ended.append(f"namespace {found['name']} {request.query_string.decode()}".strip())
        return Response(status=204)


def _add_namespaces(routes: Blueprint, company: Company) -> None:
    @routes.get("/teams/<int:number>/namespaces")
    def namespaces(number: int) -> Response:
        return paged([each for each in company.namespaces if each["team"]["id"] == number])

    @routes.post("/namespaces")
    def create_namespace() -> Response:
        given = request.get_json()
        if not given["name"].islower():
            return problem(422, {"name": ["is not a name that Docker knows"]})
        team = next(each for each in company.teams if each["name"] == given["team"])
        made = namespace(50 + len(company.namespaces), given["name"], "private")
        made["team"] = {"id": team["id"], "name": team["name"], "hidden": False}
        company.namespaces.append(made)
        company.users[asker() or ""]["roles"][given["name"]] = "owner"
        return _created(made)

    @routes.put("/namespaces/<int:number>")
    def change_namespace(number: int) -> Response:
        found = next(each for each in company.namespaces if each["id"] == number)
        if company.roles(asker() or "").get(found["name"]) != "owner":
            return problem(403, "Authorization fails")
        changes = request.get_json()["namespace"]
        chosen = changes.get("visibility", found["visibility"])
        if chosen not in {"private", "protected", "public"}:
            return problem(422, {"visibility": [f"unknown visibility kind '{chosen}'"]})
        if all(team["name"] != changes.get("team", team["name"]) for team in company.teams):
            return problem(404, f"unknown team '{changes['team']}'")
        found |= {"visibility": chosen, "description": changes.get("description", "")}
        return jsonify(found)


def _add_members(routes: Blueprint, company: Company) -> None:
    @routes.get("/teams/<int:number>/members")
    def members(number: int) -> Response:
        team = _find(company, number)
        return paged(team["members"]) if team else problem(404, "Not found")

    @routes.post("/teams/<int:number>/members")
    def add_member(number: int) -> Response:
        team, given = _find(company, number), request.get_json()
        if team is None or given["user"] not in company.users:
            return problem(404, f"There is no user '{given['user']}'")
        if any(member["username"] == given["user"] for member in team["members"]):
            return problem(422, {"user": ["has already been taken"]})
        made = {"id": 90 + len(team["members"]), "username": given["user"], "enabled": True}
        team["members"].append({**made, "display_name": None, "role": given["role"]})
        return _created(team["members"][-1])


def _add_member(routes: Blueprint, company: Company) -> None:
    @routes.put("/teams/<int:number>/members/<int:member_id>")
    def set_role(number: int, member_id: int) -> Response:
        team = _find(company, number)
        if team is None:
            return problem(404, "Not found")
        member = _member(team, member_id)
        if member["role"] == "owner":
            return problem(409, "Cannot remove the only owner of the team")
        member["role"] = request.get_json()["role"]
        return jsonify(member)

    @routes.delete("/teams/<int:number>/members/<int:member_id>")
    def remove_member(number: int, member_id: int) -> Response:
        team = _find(company, number)
        if team is None:
            return problem(404, "Not found")
        member = _member(team, member_id)
        if member["role"] == "owner":
            return problem(409, "Cannot remove the only owner of the team")
        team["members"].remove(member)
        return Response(status=204)


def _find(company: Company, number: int) -> Json | None:
    found = (team for team in company.teams if team["id"] == number and _may_see(company, team))
    return next(found, None)


def _member(team: Json, member_id: int) -> Json:
    return next(member for member in team["members"] if member["id"] == member_id)


def _may_see(company: Company, team: Json) -> bool:
    user = company.users.get(asker() or "", {})
    return bool(user.get("admin")) or _role(team) is not None


def _role(team: Json) -> str | None:
    mine = (member["role"] for member in team["members"] if member["username"] == asker())
    return next(mine, None)


def _shown(team: Json) -> Json:
    shown = {name: team[name] for name in ("id", "name", "description")}
    return shown | {"hidden": False, "role": _role(team)}


def _created(body: Json) -> Response:
    response = jsonify(body)
    response.status_code = 201
    return response
