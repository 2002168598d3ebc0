"""What the front answers for a service that does not: in the form that its callers read.

A child that died is back within seconds, so everybody is told to come again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

RETRY_AFTER_S: Final = 2
_SENTENCE: Final = "A part of Portus does not answer; it is started again by itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A kind of caller's answer; `name` tells it from the others."""

    name: str
    content_type: str
    body: str


_TOKEN: Final = Away(
    name="realm_away",
    content_type="application/json",
    body=json.dumps({"errors": [{"code": "UNAVAILABLE", "message": _SENTENCE}]}),
)
_API: Final = Away(
    name="api_away",
    content_type="application/problem+json",
    body=json.dumps(
        {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "message": _SENTENCE,
        }
    ),
)
_PAGE: Final = Away(
    name="page_away",
    content_type="text/html; charset=utf-8",
    body=(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="{RETRY_AFTER_S}"><title>Portus</title>'
        "<h1>One moment</h1><p>The pages of Portus do not answer; they are started again by "
        "themselves. This page tries again every two seconds.</p></html>"
    ),
)
ANSWERS: Final = (_TOKEN, _API, _PAGE)


def away(prefix: str, service: str) -> Away:
    """Return what to say when `service` does not answer a path below `prefix`."""
    if prefix == "/v2/token":
        return _TOKEN
    return _PAGE if service == "ui" else _API
