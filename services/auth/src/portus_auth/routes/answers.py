"""Answers in the original's shapes: entities, bare arrays with paging headers, nothing."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Request, Response, json
from marshmallow import Schema

from portus_auth.domain.listing import Slice
from portus_auth.storage.paging import Listing
from portus_shared.errors import Malformed
from portus_shared.web.paging import page_headers, page_of, sort_of


def wanted_of(request: Request, sortable: Mapping[str, Any]) -> Slice:
    """Read which part of a list is wanted."""
    page = page_of(request)
    sort, descending = sort_of(request, tuple(sortable), "id")
    return Slice(
        offset=0 if page.all else page.offset,
        limit=None if page.all else page.per_page,
        sort=sort,
        descending=descending,
    )


def word_of(request: Request, name: str) -> str | None:
    """Read an optional query parameter."""
    text = request.args.get(name)
    if text is not None and "\x00" in text:
        raise Malformed(f"{name} cannot contain NUL", field=name)
    return text


def is_set(request: Request, name: str) -> bool:
    """Read a query parameter that is given or not."""
    return request.args.get(name, "").lower() in {"true", "1"}


def new_team_of(request: Request) -> str | None:
    """Read the team that takes over what is deleted, from the query or the body."""
    body = request.get_json(silent=True)
    given = body.get("new_team") if isinstance(body, dict) else None
    name = request.values.get("new_team", given)
    if name is not None and (not isinstance(name, str) or not name or "\x00" in name):
        raise Malformed("new_team must be the name of a team", field="new_team")
    return name


def entity(schema: Schema, thing: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Answer with one thing; render it inside the transaction that loaded it."""
    return answer(schema.dump(thing), status)


def array(request: Request, schema: Schema, listing: Listing[Any]) -> Response:
    """Answer with one page of things and the headers that say where it lies."""
    response = answer(schema.dump(listing.items, many=True))
    response.headers.update(page_headers(request, page_of(request), listing.total))
    return response


def answer(body: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Answer with JSON."""
    return Response(json.dumps(body), status, content_type="application/json")


def nothing() -> Response:
    """Answer that it is done."""
    return Response(status=HTTPStatus.NO_CONTENT)
