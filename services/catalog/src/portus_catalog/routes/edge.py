"""What all routes share: who asks, one transaction, one way to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeVar

from flask import Request, Response, json
from marshmallow import Schema
from sqlalchemy import Select
from sqlalchemy.orm import Session

from portus_catalog.domain.access import Viewer
from portus_catalog.storage.paged import After, Order, Slice, following, sliced
from portus_catalog.storage.visible import load_viewer
from portus_shared.db import Database
from portus_shared.errors import Malformed
from portus_shared.web.paging import encode_cursor, keyset_of, page_headers, page_of
from portus_shared.web.principals import Principal, PrincipalResolver

T = TypeVar("T")

FOLLOWING: Final = {
    "after": "where to go on: the cursor that came with the items before",
    "limit": "items at once, at most 100",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """What the routes work with."""

    database: Database
    principals: PrincipalResolver

    @contextmanager
    def reading(self, request: Request) -> Iterator[tuple[Session, Viewer]]:
        """Open a reading transaction for the request's caller; 401 without credentials."""
        principal = self.principals.required(request)
        with self.database.read() as session:
            yield session, _viewer(session, principal)

    @contextmanager
    def writing(self, request: Request) -> Iterator[tuple[Session, Viewer]]:
        """Open a writing transaction for the request's caller; 401 without credentials."""
        principal = self.principals.required(request)
        with self.database.write() as session:
            yield session, _viewer(session, principal)


def answer(schema: Schema, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a value, or a list where the schema is for many."""
    return rendered(schema.dump(value), headers)


def rendered(body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON that nobody may keep: it is for this caller alone."""
    text = json.dumps(body, separators=(",", ":"))
    response = Response(text, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers or {})
    return response


def accepted() -> Response:
    """Answer that what was asked for is remembered, and will be done."""
    return Response(status=HTTPStatus.NO_CONTENT)


def listed(
    session: Session,
    request: Request,
    wanted: Select[T],
    order: Order,
    count: Callable[[], int],
) -> tuple[list[T], Mapping[str, str]]:
    """Return the rows a request asks for, with the headers that tell about the other pages.

    With `after` or `limit` the list is followed from a position on; the next one is in
    ``X-Next-Cursor``. Otherwise pages have numbers, as in the original.
    """
    if "after" in request.args or "limit" in request.args:
        rows, position = following(session, wanted, order, after_of(request))
        return rows, {"X-Next-Cursor": encode_cursor(position)} if position else {}
    page = page_of(request)
    part = Slice() if page.all else Slice(offset=page.offset, limit=page.per_page)
    return sliced(session, wanted, order, part), page_headers(request, page, count())


def after_of(request: Request) -> After:
    """Read the position to go on from."""
    keyset = keyset_of(request, width=2)
    return After(position=keyset.after, limit=keyset.limit)


def word_of(request: Request, name: str) -> str | None:
    """Read an optional query parameter; raises `Malformed` for what no database takes."""
    text = request.args.get(name)
    if text is not None and "\x00" in text:
        raise Malformed(f"{name} cannot contain NUL", field=name)
    return text


def _viewer(session: Session, principal: Principal) -> Viewer:
    return load_viewer(
        session,
        principal.kind,
        principal.name,
        admin=principal.admin,
        scopes=principal.scopes,
    )
