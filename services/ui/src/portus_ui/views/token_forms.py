"""What people fill in about tokens: what they are called, when they end, what they may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from portus_shared.clock import now
from portus_ui.domain.permissions import ALL, BELOW, ONE, Permission, blank, permission_of
from portus_ui.views.account_rows import TokenRow

Form = MultiDict[str, str]
LIVES: Final = {
    "7": "In 7 days",
    "30": "In 30 days",
    "90": "In 90 days",
    "365": "In a year",
    "": "Never",
}
"""When a token can end, in days."""
_KEPT: Final = "kept"
MAY: Final = {
    "pull": "Pull",
    "pull,push": "Pull and push",
    "pull,push,delete": "Pull, push and delete",
}
"""What can be permitted, as scopes write it; pushing takes pulling."""
_SPARE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Permissions as a form shows them, and empty ones for more."""

    shown: Sequence[Permission]
    spare: Sequence[Permission]


def wheres(home: str | None) -> Mapping[str, str]:
    """Return where something can be permitted."""
    if home:
        whole, below = f"Everything in {home}", "A repository and all below it"
    else:
        whole, below = "Everything", "A namespace or path, and all below"
    return {ALL: whole, ONE: "One repository", BELOW: below}


def end_in(days: str) -> str | None:
    """Return the moment in so many days, None for never; what nobody offered is the soonest."""
    if not days:
        return None
    known = days if days in LIVES else next(iter(LIVES))
    return (now() + timedelta(days=int(known))).isoformat()


def typed_permissions(form: Form) -> list[Permission]:
    """Return the permissions that were chosen, those with nothing in them too."""
    rows = zip(form.getlist("may"), form.getlist("where"), form.getlist("path"), strict=False)
    return [Permission(may=may, where=where, path=path) for may, where, path in rows]


def offer(form: Form, scopes: Sequence[str], home: str | None, first: str = "") -> Offer:
    """Return what a form shows: what was typed, else what there is, and room for more."""
    empty = blank(home)
    known = [permission_of(scope, home) for scope in scopes]
    if "may" in form:
        known = [each for each in typed_permissions(form) if each != empty]
    return Offer(shown=known or [blank(home, first)], spare=[empty] * _SPARE)


def typed_change(form: Form, token: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be different about a token: its name and its end, where they differ."""
    change: dict[str, Any] = {}
    name, days = form.get("application", "").strip(), form.get("days", _KEPT)
    if name != token["application"]:
        change["application"] = name
    if days != _KEPT:
        change["expires_at"] = end_in(days)
    return change


def lives_of(row: TokenRow) -> Mapping[str, str]:
    """Return when a token can end instead, the end that it has first."""
    return {_KEPT: f"As now: {row.ends.ago.lower() if row.ends else 'never'}", **LIVES}
