"""auth's log of decisions as ui sees it, over a `Company`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from services.ui.tests.company import Company, ago
from services.ui.tests.fake_answers import asker, problem


def decisions_of(company: Company) -> Blueprint:
    routes = Blueprint("decisions", __name__, url_prefix="/api/v1")

    @routes.get("/decisions")
    def decisions() -> Response:
        who, user = asker() or "", request.args.get("user")
        if not company.users.get(who, {}).get("admin"):
            if user not in {None, who}:
                return problem(404, "Not found")
            user = who
        after = request.args.get("after", "0")
        if not after.isdigit():
            return problem(400, "after is not a cursor of this list")
        found = [each for each in company.decisions if _fits(each, user)]
        start, limit = int(after), int(request.args["limit"])
        following = str(start + limit) if len(found) > start + limit else None
        return jsonify({"items": found[start : start + limit], "next": following})

    return routes


def decision(user: str | None, repository: str | None, outcome: str, **more: Any) -> dict[str, Any]:
    """Return one entry of the log, of a push that was denied unless told otherwise."""
    return {
        "id": 1,
        "first_at": ago(hours=1),
        "last_at": ago(minutes=2),
        "count": 1,
        "outcome": outcome,
        "registry": "registry.tidewater.example",
        "user": user,
        "address": "10.0.0.7",
        "client": "docker/27.1 go/go1.21 kernel/6.1",
        "repository": repository,
        "asked": ["pull", "push"],
        "granted": [],
        "because": [],
        "needed": [],
        **more,
    }


def _fits(entry: dict[str, Any], user: str | None) -> bool:
    wanted = {"user": user}
    wanted |= {name: request.args.get(name) for name in ("repository", "outcome")}
    return all(entry[name] == value for name, value in wanted.items() if value)
