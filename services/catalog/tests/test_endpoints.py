"""Endpoint by role: what each kind of caller is answered, for every route there is.

The repository is private. `disabled` was its owner and has a token of before; `robot` may
push and pull there, by a grant of its own.
"""

from __future__ import annotations

from typing import Final

import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import (
    MEMBERS,
    described,
    digest_of,
    grant,
    namespace,
    pushed,
    registry,
    team,
)

from portus_shared.contracts.auth import UserChanged

ROLES: Final = (
    "nobody",
    "anonymous",
    "stranger",
    "disabled",
    "viewer",
    "contributor",
    "robot",
    "owner",
    "admin",
)
_NAMES: Final = {
    "anonymous": "",
    "stranger": "eve",
    "disabled": "dora",
    "viewer": "vera",
    "contributor": "carl",
    "robot": "robot/web/ci",
    "owner": "olga",
    "admin": "root",
}
_R: Final = "/api/v1/repositories"
_ONE: Final = f"{_R}/{{repository}}"
_T: Final = "/api/v1/tags"
_SEEN: Final = (401, 404, 404, 404, 200, 200, 200, 200, 200)
_LISTED: Final = (401, 200, 200, 200, 200, 200, 200, 200, 200)
_DELETED: Final = (401, 404, 404, 404, 403, 403, 403, 204, 204)

# Route, and the status for each of ROLES.
TABLE: Final = [
    ("GET", _R, _LISTED),
    ("GET", f"{_R}/counts?namespace_id=3", _LISTED),
    ("GET", f"{_R}/orphans", (401, 403, 403, 403, 403, 403, 403, 403, 200)),
    ("GET", "/api/v1/namespaces/{namespace}/repositories", _SEEN),
    ("GET", _ONE, _SEEN),
    ("PUT", f"{_ONE}/star", (401, 404, 404, 404, 200, 200, 200, 200, 200)),
    ("DELETE", f"{_ONE}/star", (401, 404, 404, 404, 200, 200, 200, 200, 200)),
    ("GET", f"{_ONE}/images", _SEEN),
    ("GET", f"{_ONE}/manifests/{{digest}}", _SEEN),
    ("GET", f"{_ONE}/tags", _SEEN),
    ("GET", f"{_ONE}/history?tag=1", _SEEN),
    ("GET", f"{_ONE}/tags/grouped", _SEEN),
    ("GET", f"{_ONE}/tags/{{tag}}", _SEEN),
    ("GET", _T, (401, 403, 403, 403, 403, 403, 403, 403, 200)),
    ("GET", f"{_T}/{{tag}}", _SEEN),
    ("GET", "/api/v1/activities", _LISTED),
    ("DELETE", f"{_T}/{{tag}}", _DELETED),
    ("DELETE", f"{_ONE}/manifests/{{digest}}", _DELETED),
    ("DELETE", _ONE, _DELETED),
]
NOT_FOR_ROLES: Final = {"/live", "/ready", "/metrics", "/openapi.json", "/static/<path:filename>"}


@pytest.fixture
def known(catalogue: Catalogue) -> dict[str, str]:
    """The ids of a private repository with one tag, and of what it lies in."""
    members = {**MEMBERS, "dora": "owner"}
    extra = [grant("robot", "robot/web/ci", "pull", "push", prefix="=app")]
    catalogue.hears(registry(), team(members=members), namespace("web", "private", extra=extra))
    catalogue.hears(user("dora", enabled=False), user("robot/web/ci", kind="robot"))
    catalogue.hears(pushed("web/app:1", "one", 1), described("web/app", "one"))
    repository = catalogue.repository("web/app")
    (tag,) = catalogue.gets(f"{_R}/{repository['id']}/tags")
    return {
        "repository": str(repository["id"]),
        "namespace": "3",
        "tag": str(tag["id"]),
        "digest": digest_of("one"),
    }


def test_each_role_is_answered_what_the_table_says(
    catalogue: Catalogue, known: dict[str, str]
) -> None:
    for method, path, expected in TABLE:
        got = tuple(_status(catalogue, role, method, path.format(**known)) for role in ROLES)
        assert got == expected, f"{method} {path}"


def test_every_route_is_in_the_table_and_in_the_document(catalogue: Catalogue) -> None:
    rules = [rule for rule in catalogue.app.url_map.iter_rules() if rule.rule not in NOT_FOR_ROLES]
    routes = {
        (method, rule.rule)
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    adapter = catalogue.app.url_map.bind("")
    ids = dict.fromkeys(("repository", "namespace", "tag", "digest"), 1)
    tested = set()
    for method, path, _ in TABLE:
        found, _ = adapter.match(path.partition("?")[0].format(**ids), method, return_rule=True)
        tested.add((method, found.rule))
    assert routes == tested
    document = catalogue.gets("/openapi.json")["paths"]
    described_ones = {(method.upper(), path) for path, each in document.items() for method in each}
    assert len(described_ones) == len(routes)


def _status(catalogue: Catalogue, role: str, method: str, path: str) -> int:
    if role == "nobody":
        return catalogue.asks(path, None, method=method).status_code
    kind = "robot" if role == "robot" else "user"
    return catalogue.asks(path, _NAMES[role], method=method, kind=kind).status_code


def user(name: str, *, kind: str = "user", enabled: bool = True) -> UserChanged:
    return UserChanged(username=name, kind=kind, enabled=enabled, admin=False, revision=10)
