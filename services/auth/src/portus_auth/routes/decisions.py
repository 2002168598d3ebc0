"""`/api/v1/decisions`: what the token realm decided about oneself, or for admins about anybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Request, Response, request

from portus_auth.domain.decisions import Outcome
from portus_auth.routes.answers import entity, word_of
from portus_auth.routes.deps import Deps
from portus_auth.schemas.decisions import DecisionPageSchema
from portus_auth.storage.decisions import After, Filter
from portus_auth.usecases import decisions
from portus_shared.errors import Malformed
from portus_shared.web.openapi import Operation, described
from portus_shared.web.paging import encode_cursor, keyset_of

_QUERY: Final = {
    "user": "whose, by user name, empty for the anonymous: for admins; one's own without it",
    "repository": "about this repository only",
    "outcome": "granted, partial, denied or failed",
    "after": "where to go on: `next` of the page before",
    "limit": "items at once, at most 100",
}
_ID_MAX: Final = 2**63 - 1


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("decisions", __name__, url_prefix="/api/v1/decisions")

    @routes.get("")
    @described(
        Operation(
            summary="List decisions about token requests, the latest first",
            gives=DecisionPageSchema(),
            query=_QUERY,
        )
    )
    def list_decisions() -> Response:
        actor = deps.caller(request)
        where = Filter(
            username=word_of(request, "user"),
            repository=word_of(request, "repository"),
            outcome=_outcome(request),
        )
        after = _after(request)
        with deps.read() as session:
            found = decisions.list_decisions(session, actor, where, after)
        shown = found[: after.limit]
        following = None
        if len(found) > len(shown):
            following = encode_cursor([shown[-1].last_at.isoformat(), shown[-1].id])
        return entity(DecisionPageSchema(), {"items": shown, "next": following})

    return routes


def _outcome(given: Request) -> str | None:
    text = word_of(given, "outcome")
    if text is not None and text not in set(Outcome):
        raise Malformed(f"outcome must be one of {', '.join(Outcome)}", field="outcome")
    return text


def _after(given: Request) -> After:
    keyset = keyset_of(given, width=2)
    return After(position=_position(*keyset.after) if keyset.after else None, limit=keyset.limit)


def _position(moment: Any, identity: Any) -> tuple[datetime, int]:
    foreign = Malformed("after is not a cursor of this list", field="after")
    try:
        at = datetime.fromisoformat(moment)
    except (TypeError, ValueError) as error:
        raise foreign from error
    if at.tzinfo is None or not isinstance(identity, int) or abs(identity) > _ID_MAX:
        raise foreign
    return at, identity
