"""View models of an account: tokens, docker clients, browsers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portus_ui.domain.permissions import words_of
from portus_ui.views.formats import Moment, moment

Json = Mapping[str, Any]
# The first that fits: Edge calls itself Chrome too, and Chrome calls itself Safari.
_BROWSERS: Final = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS: Final = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
_ALL: Final = "All that you may"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """One application token; `can` says what it is limited to, a line for each scope."""

    id: int
    name: str
    prefix: str
    can: tuple[str, ...]
    used: Moment | None
    address: str
    ends: Moment | None
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRow:
    """One browser or docker client that is signed in."""

    id: int
    title: str
    note: str
    address: str
    since: Moment | None
    used: Moment | None


def token_row(token: Json, now: datetime, rights: str = _ALL) -> TokenRow:
    """Make the row of one application token; `rights` is what it has without limits."""
    return TokenRow(
        id=int(token["id"]),
        name=token["application"],
        prefix=token.get("prefix") or "",
        can=tuple(words_of(text) for text in token.get("scopes") or ()) or (rights,),
        used=moment(token.get("last_used_at"), now),
        address=token.get("last_used_address") or "",
        ends=moment(token.get("expires_at"), now),
        expired=bool(token.get("expired")),
    )


def docker_login_row(login: Json, now: datetime) -> SignInRow:
    """Make the row of one docker client."""
    application = login.get("application")
    return SignInRow(
        id=int(login["id"]),
        title=login.get("client") or "A docker client",
        note=f"with the token {application}" if application else "",
        address=login.get("address") or "",
        since=moment(login.get("created_at"), now),
        used=moment(login.get("last_used_at"), now),
    )


def browser_row(sign_in: Json, now: datetime) -> SignInRow:
    """Make the row of one browser."""
    return SignInRow(
        id=int(sign_in["id"]),
        title=browser_name(sign_in.get("user_agent") or ""),
        note="",
        address=sign_in.get("address") or "",
        since=moment(sign_in.get("created_at"), now),
        used=None,
    )


def browser_name(user_agent: str) -> str:
    """Return what a person would call a browser, as ``Firefox on Linux``."""
    name = next((name for mark, name in _BROWSERS.items() if f"{mark}/" in user_agent), "")
    system = next((name for name in _SYSTEMS if name in user_agent), "")
    if name and system:
        return f"{name} on {system}"
    return name or re.split(r"[/ ]", user_agent)[0] or "A browser"


def token_rows(tokens: Iterable[Json], now: datetime, rights: str = _ALL) -> list[TokenRow]:
    """Make the rows of application tokens, those that have expired last."""
    rows = [token_row(token, now, rights) for token in tokens]
    return sorted(rows, key=lambda row: row.expired)
