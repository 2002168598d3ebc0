"""Endpoint by role: what each kind of caller is answered, for every route there is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from services.sync.tests.conftest import SECRET

from portus_shared.keys import CertificateAuthority, Signer

ROLES: Final = ("nobody", "anonymous", "user", "robot", "admin", "registry")
_HOOK: Final = "/v2/webhooks/events"

# Route, and the status for each of ROLES.
TABLE: Final = [
    ("GET", "/api/v1/scans", (401, 403, 403, 403, 200, 401)),
    ("POST", "/api/v1/scans", (401, 403, 403, 403, 202, 401)),
    ("GET", "/api/v1/drift", (401, 403, 403, 403, 200, 401)),
    ("POST", "/api/v1/scans/none/approve", (401, 403, 403, 403, 404, 401)),
    ("GET", "/api/v1/quarantine", (401, 403, 403, 403, 200, 401)),
    ("GET", "/api/v1/deletions", (401, 403, 200, 200, 200, 401)),
    ("GET", "/api/v1/deletions/abilities", (401, 403, 200, 200, 200, 401)),
    ("POST", "/api/v1/deletions/none/retry", (401, 403, 403, 403, 404, 401)),
    ("POST", _HOOK, (401, 401, 401, 401, 401, 202)),
]
NOT_FOR_ROLES: Final = {"/live", "/ready", "/metrics", "/openapi.json", "/static/<path:filename>"}


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(CertificateAuthority.load_or_create(tmp_path / "ca.pem", tmp_path / "ca.key"))


def test_each_role_is_answered_what_the_table_says(signer: Signer, client: FlaskClient) -> None:
    for method, path, expected in TABLE:
        got = []
        for role in ROLES:
            body: Any = {"events": []} if path == _HOOK else None
            answer = client.open(path, method=method, headers=_shown(signer, role), json=body)
            got.append(answer.status_code)
        assert tuple(got) == expected, f"{method} {path}"


def test_every_route_is_in_the_table(client: FlaskClient) -> None:
    url_map = client.application.url_map
    routes = {
        (method, rule.rule)
        for rule in url_map.iter_rules()
        if rule.rule not in NOT_FOR_ROLES
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    adapter = url_map.bind("")
    tested = set()
    for method, path, _ in TABLE:
        found, _ = adapter.match(path, method, return_rule=True)
        tested.add((method, found.rule))
    assert routes == tested


def _shown(signer: Signer, role: str) -> dict[str, str]:
    if role == "nobody":
        return {}
    if role == "registry":
        return {"Authorization": f"Bearer {SECRET}"}
    moment = int(time.time())
    claims = {
        "iss": "portus-auth",
        "aud": "portus-api",
        "sub": "" if role == "anonymous" else role,
        "kind": "user" if role == "admin" else role,
        "admin": role == "admin",
        "exp": moment + 60,
        "nbf": moment - 5,
    }
    return {"Authorization": f"Bearer {signer.sign(claims)}"}
