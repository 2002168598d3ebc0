"""Two forms of paging: page numbers with the original's headers, and keyset cursors.

Old clients read ``X-Page`` and its siblings; new ones (ui among them) follow ``after=<cursor>``,
which stays correct and fast however deep the page and whatever is inserted meanwhile.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import Request

from portus_shared.errors import Malformed

_PER_PAGE: Final = 15
_PER_PAGE_MAX: Final = 100
_LIMIT: Final = 25
_NUMBER_MAX: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page by number (from 1), or everything when `all` is set."""

    number: int
    per_page: int
    all: bool

    @property
    def offset(self) -> int:
        """Return how many rows lie before the page."""
        return (self.number - 1) * self.per_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyset:
    """What comes after a position: `after` holds the sort values of the last row seen."""

    after: tuple[Any, ...] | None
    limit: int


def page_of(request: Request) -> Page:
    """Read ``page``, ``per_page`` and ``all``; raises `Malformed` for what is no number."""
    return Page(
        number=_integer(request, "page", 1, _NUMBER_MAX),
        per_page=_integer(request, "per_page", _PER_PAGE, _PER_PAGE_MAX),
        all=request.args.get("all", "").lower() in {"true", "1"},
    )


def page_parameters() -> Mapping[str, str]:
    """Return what `page_of` and `sort_of` read, with their meanings for people."""
    return {
        "page": "number of the page, from 1",
        "per_page": f"items on a page, at most {_PER_PAGE_MAX}",
        "all": "true for everything at once",
        "sort_attr": "what to sort by",
        "sort_order": "asc or desc",
    }


def keyset_of(request: Request, *, width: int) -> Keyset:
    """Read ``after`` (a cursor of `width` values) and ``limit`` (at most 100)."""
    text = request.args.get("after", "")
    after = decode_cursor(text, width) if text else None
    return Keyset(after=after, limit=_integer(request, "limit", _LIMIT, _PER_PAGE_MAX))


def sort_of(request: Request, columns: Sequence[str], default: str) -> tuple[str, bool]:
    """Read ``sort_attr`` and ``sort_order``; return the column and whether it descends."""
    column = request.args.get("sort_attr", default)
    order = request.args.get("sort_order", "asc").lower()
    if column not in columns:
        message = f"sort_attr must be one of {', '.join(columns)}"
        raise Malformed(message, field="sort_attr")
    if order not in {"asc", "desc"}:
        message = "sort_order must be asc or desc"
        raise Malformed(message, field="sort_order")
    return column, order == "desc"


def encode_cursor(values: Sequence[Any]) -> str:
    """Write sort values as an opaque word for a URL."""
    text = json.dumps(list(values), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str, width: int) -> tuple[Any, ...]:
    """Read a cursor back; raises `Malformed` when it is not one of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        values = None
    scalars = isinstance(values, list) and all(
        isinstance(value, str | int | None) for value in values
    )
    if not scalars or len(values) != width:
        message = "after is not a cursor of this list"
        raise Malformed(message, field="after")
    return tuple(values)


def page_headers(request: Request, page: Page, total: int) -> Mapping[str, str]:
    """Return the original's paging headers: X-Page, X-Per-Page, X-Total, …, Link."""
    if page.all:
        return {"X-Total": str(total)}
    last = max(1, -(-total // page.per_page))
    following = page.number + 1 if page.number < last else None
    previous = page.number - 1 if page.number > 1 else None
    relations = {"prev": previous, "next": following, "first": 1, "last": last}
    links = [
        f'<{_address(request, number, page)}>; rel="{relation}"'
        for relation, number in relations.items()
        if number
    ]
    return {
        "X-Total": str(total),
        "X-Total-Pages": str(last),
        "X-Per-Page": str(page.per_page),
        "X-Page": str(page.number),
        "X-Next-Page": str(following or ""),
        "X-Prev-Page": str(previous or ""),
        "Link": ", ".join(links),
    }


def _address(request: Request, number: int, page: Page) -> str:
    others = {k: v for k, v in request.args.items() if k not in {"page", "per_page"}}
    query = urlencode({**others, "page": number, "per_page": page.per_page})
    # Headers are ASCII, while a path may hold whatever its percent-encoding stood for.
    return f"{quote(request.path)}?{query}"


def _integer(request: Request, name: str, default: int, maximum: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= maximum:
        message = f"{name} must be a number from 1 to {maximum}"
        raise Malformed(message, field=name)
    return int(text[:9])
