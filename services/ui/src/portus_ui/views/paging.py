"""Page numbers in addresses, and the pager below a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Request

from portus_ui.usecases.pages import PER_PAGE, Listing
from portus_ui.views.formats import count, plural

_MAX_NUMBER = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """What is shown of how many, and where the neighbours are (empty: there are none)."""

    text: str
    newer: str
    older: str
    newer_label: str = "Previous"
    older_label: str = "Next"


def number_of(request: Request) -> int:
    """Read ``page``; nonsense is page 1."""
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1  # noqa: PLR2004
    return min(max(number, 1), _MAX_NUMBER)


def pager(request: Request, listing: Listing, one: str, many: str | None = None) -> Pager:
    """Make the pager of a list by page number."""
    before = (listing.number - 1) * PER_PAGE
    last = before + len(listing.items)
    whole = plural(listing.total, one, many)
    is_part = listing.total > len(listing.items) and bool(listing.items)
    return Pager(
        text=f"{count(before + 1)} to {count(last)} of {whole}" if is_part else whole,
        newer=_address(request, listing.number - 1) if listing.number > 1 else "",
        older=_address(request, listing.number + 1) if last < listing.total else "",
    )


def followed(path: str, wanted: Mapping[str, str], after: str, following: str | None) -> Pager:
    """Make the pager of a list that is followed by cursor, the latest first."""
    kept = {name: value for name, value in wanted.items() if value}
    older = urlencode({**kept, "after": following}) if following else ""
    return Pager(
        text="Latest first",
        newer=f"{path}?{urlencode(kept)}".rstrip("?") if after else "",
        older=f"{path}?{older}" if older else "",
        newer_label="Latest",
        older_label="Older",
    )


def _address(request: Request, number: int) -> str:
    others = {name: value for name, value in request.args.items() if name != "page" and value}
    if number > 1:
        others["page"] = str(number)
    return f"{request.path}?{urlencode(others)}" if others else request.path
