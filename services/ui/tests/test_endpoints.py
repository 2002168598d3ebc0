"""Address by role: what each kind of visitor is answered, for every route there is."""

from __future__ import annotations

from typing import Final

from services.ui.tests.company import Company, sha
from services.ui.tests.fake_robots import robot
from services.ui.tests.site_under_test import Visitor, visitor_of

from portus_ui.app import Ui

ROLES: Final = {"visitor": None, "stranger": "stranger", "member": "ines.moreau", "admin": "root"}

# Route, and the status for each of ROLES; member is one of the namespace payments.
TABLE: Final = [
    ("GET", "/", (303, 200, 200, 200)),
    ("GET", "/explore", (200, 200, 200, 200)),
    ("GET", "/namespaces", (200, 200, 200, 200)),
    ("GET", "/n/payments", (404, 404, 200, 200)),
    ("GET", "/r/payments/api", (404, 404, 200, 200)),
    ("GET", "/r/payments/api:latest", (404, 404, 200, 200)),
    ("GET", f"/r/payments/api@{sha('1.42.0')}", (404, 404, 200, 200)),
    ("POST", "/n/payments/visibility", (401, 404, 422, 403)),
    ("GET", "/n/payments/settings", (303, 404, 200, 200)),
    ("POST", "/n/payments/settings", (401, 404, 303, 303)),
    ("GET", "/teams/5/settings", (303, 404, 200, 200)),
    ("POST", "/teams/5/settings", (401, 404, 303, 303)),
    ("GET", "/n/payments/delete", (303, 404, 200, 200)),
    ("POST", "/n/payments/delete", (401, 404, 422, 422)),
    ("GET", "/teams/5/delete", (303, 404, 200, 200)),
    ("POST", "/teams/5/delete", (401, 404, 422, 422)),
    ("GET", "/users/2/delete", (303, 403, 403, 200)),
    ("POST", "/users/2/delete", (401, 403, 403, 422)),
    ("GET", "/delete/payments/api", (303, 404, 200, 403)),
    ("POST", "/delete/payments/api", (401, 404, 422, 403)),
    ("GET", "/n/payments/robots", (303, 404, 200, 200)),
    ("POST", "/n/payments/robots", (401, 404, 422, 422)),
    ("GET", "/robots", (303, 403, 403, 200)),
    ("POST", "/robots", (401, 403, 403, 422)),
    ("GET", "/robots/1", (303, 404, 200, 200)),
    ("POST", "/robots/1", (401, 404, 422, 422)),
    ("POST", "/robots/1/disable", (401, 404, 303, 303)),
    ("POST", "/robots/1/tokens", (401, 404, 422, 422)),
    ("GET", "/robots/1/tokens/1", (303, 404, 200, 200)),
    ("POST", "/robots/1/tokens/1", (401, 404, 422, 422)),
    ("POST", "/robots/1/tokens/1/delete", (401, 404, 303, 303)),
    ("POST", "/robots/1/delete", (401, 404, 303, 303)),
    ("GET", "/teams", (303, 200, 200, 200)),
    ("POST", "/teams", (401, 303, 422, 422)),
    ("GET", "/teams/5", (303, 404, 200, 200)),
    ("POST", "/teams/5/members", (401, 404, 422, 422)),
    ("POST", "/teams/5/members/50", (401, 404, 409, 409)),
    ("POST", "/teams/5/members/50/remove", (401, 404, 409, 409)),
    ("POST", "/teams/5/namespaces", (401, 404, 422, 422)),
    ("GET", "/account/tokens", (303, 200, 200, 200)),
    ("POST", "/account/tokens", (401, 201, 201, 201)),
    ("GET", "/account/tokens/1", (303, 200, 200, 200)),
    ("POST", "/account/tokens/1", (401, 422, 422, 422)),
    ("POST", "/account/tokens/1/delete", (401, 303, 303, 303)),
    ("GET", "/account/sign-ins", (303, 200, 200, 200)),
    ("POST", "/account/browsers/0/end", (401, 303, 303, 303)),
    ("POST", "/account/docker-logins/7/end", (401, 303, 303, 303)),
    ("GET", "/account/decisions", (303, 200, 200, 200)),
    ("GET", "/account/password", (303, 200, 200, 200)),
    ("POST", "/account/password", (401, 422, 422, 422)),
    ("GET", "/users", (303, 403, 403, 200)),
    ("POST", "/users", (401, 403, 403, 422)),
    ("GET", "/users/2", (303, 403, 403, 200)),
    ("POST", "/users/2/enable", (401, 403, 403, 303)),
    ("POST", "/users/2/reset", (401, 403, 403, 201)),
    ("GET", "/sync", (303, 403, 403, 200)),
    ("POST", "/sync/scans", (401, 403, 403, 303)),
    ("POST", "/sync/scans/none/approve", (401, 403, 403, 404)),
    ("GET", "/sync/differences", (303, 403, 403, 200)),
    ("GET", "/sync/unreadable", (303, 403, 403, 200)),
    ("GET", "/deletions", (303, 200, 200, 200)),
    ("POST", "/deletions/none/retry", (401, 403, 403, 404)),
    ("GET", "/sign-up", (404, 404, 404, 404)),
    ("POST", "/sign-up", (404, 404, 404, 404)),
    ("GET", "/forgot", (200, 200, 200, 200)),
    ("POST", "/forgot", (404, 404, 404, 404)),
    ("GET", "/reset", (200, 200, 200, 200)),
    ("POST", "/reset", (422, 422, 422, 422)),
    ("GET", "/setup", (404, 404, 404, 404)),
    ("POST", "/setup", (404, 404, 404, 404)),
    ("GET", "/sign-in", (200, 303, 303, 303)),
    ("POST", "/sign-in", (401, 401, 401, 401)),
    ("POST", "/preferences/theme", (400, 400, 400, 400)),
    ("GET", "/static/nothing.css", (404, 404, 404, 404)),
    ("GET", "/api/v1/_ping", (200, 200, 200, 200)),
    ("GET", "/api/v1/health", (200, 200, 200, 200)),
    ("GET", "/api/version", (401, 200, 200, 200)),
    ("GET", "/api/openapi.json", (200, 200, 200, 200)),
    ("GET", "/api/openapi-spec", (308, 308, 308, 308)),
    ("POST", "/account/browsers/end", (401, 303, 303, 303)),
    ("POST", "/sign-out", (303, 303, 303, 303)),
    ("GET", "/updates", (400, 400, 400, 400)),
]
NOT_FOR_ROLES: Final = {"/live", "/ready", "/metrics", "/openapi.json"}


def test_each_role_is_answered_what_the_table_says(ui: Ui, company: Company) -> None:
    found = {}
    for role, name in ROLES.items():
        visitor = visitor_of(ui, name)
        company.robots = [robot(1, "robot/payments/ci", ["payments/*:pull"])]
        found[role] = [_status(visitor, method, path) for method, path, _ in TABLE]
    for number, (method, path, expected) in enumerate(TABLE):
        got = tuple(found[role][number] for role in ROLES)
        assert got == expected, f"{method} {path}"


def test_every_route_is_in_the_table(ui: Ui) -> None:
    routes = {
        (method, rule.rule)
        for rule in ui.app.url_map.iter_rules()
        if rule.rule not in NOT_FOR_ROLES
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    adapter = ui.app.url_map.bind("")
    tested = set()
    for method, path, _ in TABLE:
        found, _ = adapter.match(path, method, return_rule=True)
        tested.add((method, found.rule))
    assert routes == tested


def _status(visitor: Visitor, method: str, path: str) -> int:
    answer = visitor.visit(path) if method == "GET" else visitor.send(path)
    return answer.status_code
