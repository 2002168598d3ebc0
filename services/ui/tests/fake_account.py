"""auth's account of one person as ui sees it, over a `Company`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from services.ui.tests.company import PASSWORD, Company, ago
from services.ui.tests.fake_answers import asker, problem


def account_of(company: Company) -> Blueprint:
    routes = Blueprint("account", __name__, url_prefix="/api/v1")
    _add_tokens(routes, company)
    _add_sign_ins(routes, company)

    @routes.put("/users/<int:number>/password")
    def change_password(number: int) -> Response:
        given = request.get_json()
        if _is_another(company, number):
            return problem(403, "Authorization fails")
        if given["current_password"] != PASSWORD:
            return problem(422, {"current_password": ["is wrong"]})
        company.sign_ins.clear()
        return Response(status=204)

    return routes


def _add_tokens(routes: Blueprint, company: Company) -> None:
    @routes.get("/users/<int:number>/application_tokens")
    def tokens(number: int) -> Response:
        return _list(company, number, company.tokens)

    @routes.post("/users/<int:number>/application_tokens")
    def create(number: int) -> Response:
        given = request.get_json()
        if any(token["application"] == given["application"] for token in company.tokens):
            return problem(422, {"application": ["has already been taken"]})
        made = {**given, "id": len(company.tokens) + 1, "prefix": "ptk_abcd", "expired": False}
        company.tokens.append(made)
        response = jsonify({**made, "plain_token": "ptk_abcd-the-secret"})
        response.status_code = 201
        return response

    @routes.put("/users/application_tokens/<int:token_id>")
    def change(token_id: int) -> Response:
        given = request.get_json()
        token = next(token for token in company.tokens if token["id"] == token_id)
        if not given.get("application", "x"):
            return problem(422, {"application": ["can't be blank"]})
        if given.get("scopes") == ["*:pull,push,delete"]:
            return problem(422, {"scopes": ["'*:pull,push,delete' is more than the token may do"]})
        token.update(given)
        return jsonify(token)

    @routes.delete("/users/application_tokens/<int:token_id>")
    def delete(token_id: int) -> Response:
        company.tokens = [token for token in company.tokens if token["id"] != token_id]
        return Response(status=204)


def _add_sign_ins(routes: Blueprint, company: Company) -> None:
    @routes.get("/sessions")
    def sessions() -> Response:
        browser = {"user_agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko Firefox/140.0"}
        mine = [name for name in company.sign_ins.values() if name == asker()]
        return jsonify(
            [
                {"id": place, "address": "10.0.0.7", "created_at": ago(hours=3), **browser}
                for place, _ in enumerate(mine)
            ]
        )

    @routes.delete("/sessions")
    def end_sessions() -> Response:
        company.sign_ins.clear()
        return Response(status=204)

    @routes.delete("/sessions/<int:number>")
    def end_session(number: int) -> Response:
        company.ended.append(f"browser {number}")
        return Response(status=204)

    @routes.get("/users/<int:number>/docker_logins")
    def logins(number: int) -> Response:
        login = {"client": "docker", "address": "10.0.0.8", "application": "ci"}
        moments = {"created_at": ago(days=3), "last_used_at": ago(hours=1)}
        return _list(company, number, [{"id": 7, **login, **moments}])

    @routes.delete("/users/<int:number>/docker_logins/<int:login>")
    def end_login(number: int, login: int) -> Response:
        company.ended.append(f"docker login {login}")
        return Response(status=204)


def _list(company: Company, number: int, found: list[dict[str, Any]]) -> Response:
    return problem(404, "Not found") if _is_another(company, number) else jsonify(found)


def _is_another(company: Company, number: int) -> bool:
    return bool(company.users.get(asker() or "", {}).get("id") != number)
