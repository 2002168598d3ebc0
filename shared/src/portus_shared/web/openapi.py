"""Each route says what it takes and gives; from that comes the service's OpenAPI document.

The schemas are the marshmallow schemas that the routes load and dump with, so the document
cannot say something else than the code does (ADR: apispec).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response, json
from marshmallow import Schema, fields

from portus_shared.web.paging import page_parameters

View = TypeVar("View", bound=Callable[..., Any])

_ATTRIBUTE: Final = "portus_operation"
_ARGUMENT: Final = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
_BODIES: Final = ("application/json", "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What one route does, takes and gives; `public` needs no credentials."""

    summary: str
    takes: Schema | None = None
    gives: Schema | None = None
    status: int = 200
    paged: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
    public: bool = False


class ProblemSchema(Schema):
    """An error: RFC 9457 members and the original's `message`."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    message = fields.Raw(metadata={"description": "a sentence, or a map of field to sentences"})
    request_id = fields.String(allow_none=True)
    field = fields.String(metadata={"description": "which part of the request cannot be read"})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "what is wrong with the values, by field"},
    )
    missing = fields.String(metadata={"description": "which part of Portus does not answer"})


def described(operation: Operation) -> Callable[[View], View]:
    """Attach an operation to a view."""

    def attach(view: View) -> View:
        setattr(view, _ATTRIBUTE, operation)
        return view

    return attach


def document(app: Flask, *, title: str, version: str) -> dict[str, Any]:
    """Describe every view of `app` that has an operation."""
    spec = APISpec(title, version, "3.1.0", plugins=[MarshmallowPlugin(_name)])
    schemes = {
        "portusAuth": {"type": "apiKey", "in": "header", "name": "Portus-Auth"},
        "basic": {"type": "http", "scheme": "basic"},
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    }
    for name, scheme in schemes.items():
        spec.components.security_scheme(name, scheme)
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        operation = getattr(app.view_functions[rule.endpoint], _ATTRIBUTE, None)
        if isinstance(operation, Operation):
            path = _ARGUMENT.sub(r"{\2}", rule.rule)
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            written = _written(operation, rule.rule)
            spec.path(path, operations={method.lower(): dict(written) for method in methods})
    return spec.to_dict()


def serve_document(app: Flask, *, title: str, version: str) -> None:
    """Answer `/openapi.json` with the document of the routes registered so far."""
    text = json.dumps(document(app, title=title, version=version))

    @app.get("/openapi.json")
    def openapi() -> Response:
        return Response(text, content_type="application/json")


def _written(operation: Operation, rule: str) -> dict[str, Any]:
    written: dict[str, Any] = {
        "summary": operation.summary,
        "parameters": _parameters(operation, rule),
        "responses": {
            str(operation.status): _answer(operation),
            "default": {
                "description": "a problem",
                "content": {"application/problem+json": {"schema": ProblemSchema()}},
            },
        },
        "security": [] if operation.public else [{"portusAuth": []}, {"basic": []}, {"bearer": []}],
    }
    if operation.takes is not None:
        content = {kind: {"schema": operation.takes} for kind in _BODIES}
        written["requestBody"] = {"required": True, "content": content}
    return written


def _answer(operation: Operation) -> dict[str, Any]:
    if operation.gives is None:
        return {"description": "done"}
    content = {"application/json": {"schema": operation.gives}}
    return {"description": operation.summary, "content": content}


def _parameters(operation: Operation, rule: str) -> list[dict[str, Any]]:
    in_path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if kind == "int" else "string"},
        }
        for kind, name in _ARGUMENT.findall(rule)
    ]
    queries = {**operation.query, **(page_parameters() if operation.paged else {})}
    in_query = [
        {"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}}
        for name, meaning in queries.items()
    ]
    return in_path + in_query


def _name(schema: Any) -> str:
    """Name a schema, of which apispec hands over the class or an instance."""
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")
