"""The routes of robots, for the table of endpoints by role."""

from __future__ import annotations

from typing import Any, Final

_R: Final = "/api/v1/robots"
_ONE: Final = f"{_R}/{{robot}}"

# Route, body, and the status for nobody, stranger, viewer, contributor, owner and admin.
ROBOT_ROUTES: Final[list[tuple[str, str, Any, tuple[int, ...]]]] = [
    ("GET", _R, None, (401, 200, 200, 200, 200, 200)),
    ("POST", _R, {"name": "new", "permissions": ["*:pull"]}, (401, 403, 403, 403, 403, 201)),
    ("GET", _ONE, None, (401, 404, 404, 404, 200, 200)),
    ("PUT", _ONE, {"robot": {"enabled": False}}, (401, 404, 404, 404, 200, 200)),
    ("DELETE", _ONE, None, (401, 404, 404, 404, 204, 204)),
    ("GET", f"{_ONE}/application_tokens", None, (401, 404, 404, 404, 200, 200)),
    (
        "POST",
        f"{_ONE}/application_tokens",
        {"application": "next"},
        (401, 404, 404, 404, 201, 201),
    ),
    ("PUT", f"{_ONE}/application_tokens/{{robot_token}}", {}, (401, 404, 404, 404, 200, 200)),
    ("PATCH", f"{_ONE}/application_tokens/{{robot_token}}", {}, (401, 404, 404, 404, 200, 200)),
    (
        "DELETE",
        f"{_ONE}/application_tokens/{{robot_token}}",
        None,
        (401, 404, 404, 404, 204, 204),
    ),
]
