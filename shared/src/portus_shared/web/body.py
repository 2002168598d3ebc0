"""Request bodies: JSON and forms alike, loaded through a marshmallow schema.

The original's clients send both ``{"user": {"name": …}}`` and ``user[name]=…``.
"""

from __future__ import annotations

import re
from typing import Any, Final

from flask import Request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import BadRequest

from portus_shared.errors import Malformed, Rejected

_NESTED: Final = re.compile(r"([^\[\]]+)\[([^\[\]]+)\]")


def load(schema: Schema, request: Request, *, within: str | None = None) -> dict[str, Any]:
    """Return the body as the schema loads it.

    With `within`, the fields may stand inside an object of that name, as the original has it, or
    at the top. Raises `Malformed` for an unreadable body, `Rejected` with sentences per field.
    """
    given = read(request)
    if within and isinstance(given.get(within), dict):
        given = {**given, **given[within]}
        del given[within]
    known = {field.data_key or name for name, field in schema.fields.items()}
    try:
        loaded: dict[str, Any] = schema.load({k: v for k, v in given.items() if k in known})
    except ValidationError as error:
        raise Rejected(fields=_flat(dict(error.messages_dict))) from error
    return loaded


def read(request: Request) -> dict[str, Any]:
    """Return the body as an object; an absent body is an empty one."""
    if request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return _from_form(request)
    if not request.get_data(cache=True):
        return {}
    try:
        body = request.get_json(force=True)
    except (BadRequest, ValueError, RecursionError) as error:
        message = "The body is not valid JSON"
        raise Malformed(message) from error
    if not isinstance(body, dict):
        message = "The body must be a JSON object"
        raise Malformed(message)
    return body


def _from_form(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for key, value in request.form.items():
        nested = _NESTED.fullmatch(key)
        if nested:
            inner = body.setdefault(nested[1], {})
            if isinstance(inner, dict):
                inner[nested[2]] = value
        else:
            body[key] = value
    return body


def _flat(messages: dict[str, Any]) -> dict[str, list[str]]:
    return {name: _sentences(found) for name, found in messages.items()}


def _sentences(found: Any) -> list[str]:
    if isinstance(found, dict):
        return [sentence for inner in found.values() for sentence in _sentences(inner)]
    return [str(item) for item in found] if isinstance(found, list) else [str(found)]
