"""Endpoint by role: what each kind of caller is answered, for every route there is.

Two kinds need no column. A bot has the role it was given: here it is a contributor, and is
answered what contributors are. A disabled account, here an owner's, is answered what nobody is.
What robots and tokens with scopes are answered is the same everywhere: `test_limited_tokens`.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from services.auth.tests.people import PASSWORD, Caller, People, basic
from services.auth.tests.robot_endpoints import ROBOT_ROUTES

from portus_auth.app import Auth

ROLES: Final = ("nobody", "stranger", "viewer", "contributor", "owner", "admin")
ALIKE: Final = {"nobody": "disabled", "contributor": "bot"}
_U: Final = "/api/v1/users"
_T: Final = "/api/v1/teams"
_S: Final = "/api/v1/sessions"
_A: Final = "/api/v1/access"
_N: Final = "/api/v1/namespaces"
_R: Final = "/api/v1/registries"
_NEW: Final = {"username": "new", "email": "new@example.org", "password": PASSWORD}

# Route, body, and the status for each of ROLES, whose team is {team} and namespace {namespace}.
TABLE: Final[list[tuple[str, str, Any, tuple[int, ...]]]] = [
    ("POST", f"{_U}/bootstrap", {"user": _NEW}, (400, 400, 400, 400, 400, 400)),
    ("GET", _U, None, (401, 403, 403, 403, 403, 200)),
    ("POST", _U, {"user": _NEW}, (401, 403, 403, 403, 403, 201)),
    ("GET", f"{_U}/{{carl}}", None, (401, 403, 200, 403, 403, 200)),
    ("PUT", f"{_U}/{{carl}}", {"user": {}}, (401, 403, 403, 403, 403, 200)),
    ("DELETE", f"{_U}/{{carl}}", None, (401, 403, 403, 403, 403, 204)),
    ("DELETE", f"{_U}/{{carl}}/name", None, (401, 403, 403, 403, 403, 404)),
    ("PUT", f"{_U}/{{carl}}/password", {"password": PASSWORD}, (401, 403, 422, 403, 403, 204)),
    ("PUT", f"{_U}/{{carl}}/email", {"email": "c@example.org"}, (401, 403, 422, 403, 403, 200)),
    ("PUT", f"{_U}/{{carl}}/enabled", {"enabled": False}, (401, 403, 422, 403, 403, 200)),
    ("POST", f"{_U}/{{carl}}/password_resets", None, (401, 403, 403, 403, 403, 201)),
    ("POST", f"{_U}/password_resets", {"token": "x", "password": PASSWORD}, (422,) * 6),
    ("GET", _S, None, (401, 200, 200, 200, 200, 200)),
    ("GET", f"{_S}?user=carl", None, (401, 404, 200, 404, 404, 200)),
    ("DELETE", f"{_S}?user=carl", None, (401, 404, 204, 404, 404, 204)),
    ("DELETE", f"{_S}/{{sign_in}}", None, (401, 404, 204, 404, 404, 204)),
    ("GET", f"{_U}/{{carl}}/application_tokens", None, (401, 404, 200, 404, 404, 200)),
    (
        "POST",
        f"{_U}/{{carl}}/application_tokens",
        {"application": "ci"},
        (401, 404, 201, 404, 404, 201),
    ),
    ("PUT", f"{_U}/application_tokens/{{token}}", {}, (401, 404, 200, 404, 404, 200)),
    ("PATCH", f"{_U}/application_tokens/{{token}}", {}, (401, 404, 200, 404, 404, 200)),
    ("DELETE", f"{_U}/application_tokens/{{token}}", None, (401, 404, 204, 404, 404, 204)),
    ("GET", f"{_U}/{{carl}}/docker_logins", None, (401, 404, 200, 404, 404, 200)),
    ("DELETE", f"{_U}/{{carl}}/docker_logins/{{login}}", None, (401, 404, 204, 404, 404, 204)),
    ("GET", "/.well-known/jwks.json", None, (200,) * 6),
    ("GET", "/.well-known/portus-ca.pem", None, (200,) * 6),
    ("GET", _T, None, (401, 200, 200, 200, 200, 200)),
    ("POST", _T, {"name": "new"}, (401, 201, 201, 201, 201, 201)),
    ("POST", _T, {"name": "new", "owner_id": 1}, (401, 403, 403, 403, 403, 201)),
    ("GET", f"{_T}/{{team}}", None, (401, 404, 200, 200, 200, 200)),
    ("PUT", f"{_T}/{{team}}", {"team": {"name": "x"}}, (401, 404, 403, 403, 200, 200)),
    ("DELETE", f"{_T}/{{team}}", None, (401, 404, 403, 403, 204, 204)),
    ("GET", f"{_T}/{{team}}/namespaces", None, (401, 404, 200, 200, 200, 200)),
    ("GET", f"{_T}/{{team}}/members", None, (401, 404, 200, 200, 200, 200)),
    (
        "POST",
        f"{_T}/{{team}}/members",
        {"user": "root", "role": "viewer"},
        (401, 404, 403, 403, 201, 201),
    ),
    (
        "PUT",
        f"{_T}/{{team}}/members/{{member}}",
        {"role": "owner"},
        (401, 404, 403, 403, 200, 200),
    ),
    ("DELETE", f"{_T}/{{team}}/members/{{member}}", None, (401, 404, 204, 403, 204, 204)),
    ("GET", _N, None, (401, 200, 200, 200, 200, 200)),
    ("GET", f"{_N}/validate?name=x", None, (401, 200, 200, 200, 200, 200)),
    ("POST", _N, {"name": "new", "team": "crew"}, (401, 404, 403, 201, 201, 201)),
    ("GET", f"{_N}?held=true", None, (401, 403, 403, 403, 403, 200)),
    ("DELETE", f"{_N}/{{namespace}}", None, (401, 404, 403, 403, 204, 204)),
    ("GET", f"{_N}/{{namespace}}", None, (401, 404, 200, 200, 200, 200)),
    (
        "PUT",
        f"{_N}/{{namespace}}",
        {"namespace": {"description": "x"}},
        (401, 404, 403, 403, 200, 200),
    ),
    (
        "PUT",
        f"{_N}/{{namespace}}",
        {"namespace": {"visibility": "public"}},
        (401, 404, 403, 403, 200, 200),
    ),
    (
        "PUT",
        f"{_N}/{{global}}",
        {"namespace": {"visibility": "protected"}},
        (401, 403, 403, 403, 403, 200),
    ),
    ("GET", f"{_A}?user=carl&repository=ns/app&action=pull", None, (401, 404, 200, 404, 404, 200)),
    ("GET", f"{_A}?repository=_/x", None, (401, 400, 400, 400, 400, 400)),
    ("GET", f"{_A}?user=carl", None, (401, 404, 200, 404, 404, 200)),
    ("GET", "/api/v1/decisions", None, (401, 200, 200, 200, 200, 200)),
    ("GET", "/api/v1/decisions?user=carl", None, (401, 404, 200, 404, 404, 200)),
    ("GET", _R, None, (401, 403, 403, 403, 403, 200)),
    ("GET", f"{_R}/validate?name=x", None, (401, 403, 403, 403, 403, 200)),
    ("POST", _R, {"name": "second"}, (401, 403, 403, 403, 403, 422)),
    ("PUT", f"{_R}/1", {"use_ssl": True}, (401, 403, 403, 403, 403, 200)),
    ("POST", "/internal/v1/principal", {"anonymous": True}, (401,) * 6),
    ("POST", "/internal/v1/sign-ins", {"login": "root", "password": "x"}, (401,) * 6),
    ("DELETE", "/internal/v1/sign-ins", {"handle": "x"}, (401,) * 6),
    ("POST", "/internal/v1/sign-ups", _NEW, (401,) * 6),
    ("POST", "/internal/v1/password-letters", {"login": "root"}, (401,) * 6),
    ("GET", "/internal/v1/about", None, (401,) * 6),
    *ROBOT_ROUTES,
]
NOT_FOR_ROLES: Final = {"/live", "/ready", "/metrics", "/openapi.json", "/static/<path:filename>"}


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    TABLE,
    ids=[f"{method} {path}" for method, path, _, _ in TABLE],
)
def test_each_role_is_answered_what_the_table_says(
    method: str,
    path: str,
    body: Any,
    expected: tuple[int, ...],
    people: People,
    nobody: Caller,
) -> None:
    for role, status in zip(ROLES, expected, strict=True):
        callers, known = _scene(people, nobody, role)
        for name, caller in callers.items():
            given = _renamed(body, role, name)
            answer = caller.call(method, path.format(**known), json=given)
            assert answer.status_code == status, f"{name}: {answer.text}"


def test_every_route_is_in_the_table(auth: Auth) -> None:
    routes = {
        (method, rule.rule)
        for rule in auth.rest.url_map.iter_rules()
        if rule.rule not in NOT_FOR_ROLES
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    adapter = auth.rest.url_map.bind("")
    names = "carl sign_in token login team member namespace global robot robot_token"
    known = dict.fromkeys(names.split(), 1)

    tested = set()
    for method, path, _, _ in TABLE:
        found, _ = adapter.match(path.partition("?")[0].format(**known), method, return_rule=True)
        tested.add((method, found.rule))
    assert routes == tested


def test_every_route_is_described(auth: Auth, nobody: Caller) -> None:
    document = nobody.get("/openapi.json").json
    assert document["info"]["title"] == "Portus auth"
    for method, path, _, _ in TABLE:
        if path.startswith("/api/"):
            bare = path.partition("?")[0]
            assert any(
                _same(bare, described) and method.lower() in operations
                for described, operations in document["paths"].items()
            ), f"{method} {path}"


def _same(path: str, described: str) -> bool:
    ours, theirs = path.split("/"), described.split("/")
    return len(ours) == len(theirs) and all(
        one == other or (other.startswith("{") and (one.isdigit() or one.startswith("{")))
        for one, other in zip(ours, theirs, strict=True)
    )


def _scene(people: People, nobody: Caller, role: str) -> tuple[dict[str, Caller], dict[str, int]]:
    """Make a fresh team with one member of each role and a private namespace; return who calls."""
    team = f"crew{role}"
    roles = {"carl": "viewer", "bob": "contributor", "alice": "owner"}
    if role in ALIKE:
        roles |= {"robby": "contributor", "dora": "owner"}
    people.robot("robby")
    team_id = people.team(team, **roles)
    namespace_id = people.namespace(f"ns{role}", team)
    members = people.root.get(f"/api/v1/teams/{team_id}/members?all=true").json
    carl = people["carl"]
    path = f"/api/v1/users/{carl.id}/application_tokens"
    token = people.root.post(path, json={"application": f"scene {role}"}).json["id"]
    asked = f"/v2/token?client_id=scene-{role}&offline_token=true"
    assert "refresh_token" in nobody.get(asked, headers=basic("carl", carl.token)).json
    (login, *_) = people.root.get(f"/api/v1/users/{carl.id}/docker_logins").json
    people.sign_in(carl)
    machine = people.machine(f"ns{role}")
    return _callers(people, nobody, role), {
        "carl": carl.id,
        "token": token,
        "sign_in": people.root.get(f"{_S}?user=carl").json[0]["id"],
        "login": login["id"],
        "robot": machine.id,
        "robot_token": people.root.get(f"{machine.path}/application_tokens").json[0]["id"],
        "team": team_id,
        "member": next(each["id"] for each in members if each["username"] == "carl"),
        "namespace": namespace_id,
        "global": people.root.get("/api/v1/namespaces?name=_").json[0]["id"],
    }


def _callers(people: People, nobody: Caller, role: str) -> dict[str, Caller]:
    """Return who has a role, and who is answered alike."""
    everybody: dict[str, Caller] = {
        "nobody": nobody,
        "stranger": people["dave"],
        "viewer": people["carl"],
        "contributor": people["bob"],
        "bot": people["robby"],
        "disabled": people["dora"],
        "owner": people["alice"],
        "admin": people.root,
    }
    if role == "nobody":
        off = people.root.put(f"{_U}/{people['dora'].id}", json={"user": {"enabled": False}})
        assert off.status_code == 200
    return {name: everybody[name] for name in (role, ALIKE.get(role, role))}


def _renamed(body: Any, role: str, caller: str) -> Any:
    """Give what is created a name that no earlier caller has taken."""
    if not body:
        return body
    changed = {**body}
    if "name" in changed:
        changed["name"] = f"{changed['name']}{caller}"
    if changed.get("team") == "crew":
        changed["team"] = f"crew{role}"
    if isinstance(changed.get("team"), dict):
        changed["team"] = {"name": f"renamed{role}"}
    if "application" in changed:
        changed["application"] = f"ci {role}"
    return changed
