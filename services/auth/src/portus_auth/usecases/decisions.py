"""The log of decisions: written in batches, read by whom they concern and by admins."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from portus_auth.domain.accounts import fold
from portus_auth.domain.actors import Actor
from portus_auth.domain.decisions import (
    CATALOG,
    Asker,
    Decision,
    Outcome,
    beyond,
    granted_by,
    needed_for,
    withheld_by,
)
from portus_auth.storage import decisions, namespaces, users
from portus_auth.storage.decisions import After, Filter
from portus_auth.storage.facts import Account
from portus_auth.storage.tables import DecisionRow, Namespace
from portus_auth.usecases.credentials import Origin
from portus_auth.usecases.reasons import (
    beyond_scopes,
    needs,
    permission_for,
    reasons,
    unseen,
    withheld,
)
from portus_shared.clock import now
from portus_shared.errors import Denied, NotFound
from portus_shared.names import namespace_of

_HOUR_S: Final = 3600
_TEXT_MAX: Final = 255
_CLIENT_MAX: Final = 200
_SHARE: Final = 10
"""One asker may take this part of the log: a tenth."""


@dataclass(slots=True, kw_only=True)
class Times:
    """How often a decision was made, and when first and last."""

    first_at: datetime
    last_at: datetime
    count: int = 1


def failed_proof(account: Account, origin: Origin, reason: str) -> Decision:
    """Return that somebody did not prove, to Portus and not to a registry, to own an account."""
    asker = Asker(
        registry_id=0,
        registry="",
        user_id=account.id,
        username=account.username,
        address=origin.address,
        client=origin.client[:_CLIENT_MAX],
    )
    return Decision(asker=asker, failure=reason)


def record(session: Session, made: Mapping[Decision, Times]) -> None:
    """Write decisions down in the words in which they are explained."""
    known: dict[tuple[int, str], Namespace | None] = {}
    decisions.add(session, [_row(session, known, each, times) for each, times in made.items()])


def list_decisions(
    session: Session, actor: Actor, where: Filter, after: After
) -> Sequence[DecisionRow]:
    """List decisions, the latest first: one's own, and everybody's for admins.

    What the asker could not see stays unsaid to them. Returns one more than `after.limit` where
    there are more.
    """
    found = decisions.page(session, _permitted(session, actor, where), after)
    if not actor.admin:
        for row in found:
            if not row.visible and row.needed:
                row.needed = [unseen(namespace_of(row.repository))]
    return found


def forget_old(session: Session, *, days: int, rows: int) -> None:
    """Drop what is older than `days`, and all but the latest `rows`."""
    keep_of_one = max(1, rows // _SHARE)
    before = now() - timedelta(days=days)
    decisions.forget(session, before=before, keep=rows, keep_of_one=keep_of_one)


def _permitted(session: Session, actor: Actor, where: Filter) -> Filter:
    """Return the filter with whose decisions the actor may see."""
    if not actor.admin:
        if not actor.is_signed_in:
            raise Denied
        if where.username is not None and fold(where.username) != fold(actor.name):
            raise NotFound
        return _of_user(where, actor.user_id)
    if where.username is None:
        return where
    user = users.by_username(session, where.username) if where.username else None
    if user is None and where.username:
        return where  # Perhaps somebody whose account is gone.
    return _of_user(where, user.id if user else 0)


def _of_user(where: Filter, user_id: int | None) -> Filter:
    return Filter(user_id=user_id, repository=where.repository, outcome=where.outcome)


def _row(
    session: Session,
    known: dict[tuple[int, str], Namespace | None],
    decision: Decision,
    times: Times,
) -> dict[str, Any]:
    asker = decision.asker
    because, needed = _words(decision, _namespace(session, known, decision))
    texts = {
        "registry_host": asker.registry,
        "username": asker.username,
        "address": asker.address,
        "client": asker.client,
        "repository": decision.repository,
    }
    return {
        **{name: _clean(text) for name, text in texts.items()},
        "fingerprint": _fingerprint(decision),
        "hour": int(times.first_at.timestamp()) // _HOUR_S,
        "first_at": times.first_at,
        "last_at": times.last_at,
        "count": times.count,
        "outcome": decision.outcome.value,
        "user_id": asker.user_id,
        "asked": list(decision.asked),
        "granted": list(decision.granted),
        "because": list(because),
        "needed": list(needed),
        "visible": decision.is_visible,
    }


def _words(decision: Decision, namespace: Namespace | None) -> tuple[Sequence[str], Sequence[str]]:
    """Say by what the asker got what they got, and what they would need for the rest."""
    if decision.outcome is Outcome.FAILED:
        return (decision.failure,), ()
    if decision.asked == (CATALOG,):
        return _words_of_catalog(decision)
    if namespace is None or decision.namespace is None:
        return (), (unseen(namespace_of(decision.repository)),)
    switches = [
        sentence
        for switch in withheld_by(decision)
        for sentence in withheld(switch, decision.rules)
    ]
    return (
        reasons(namespace, granted_by(decision), decision.asker.username),
        (
            *switches,
            *_lacking(decision, namespace),
            *beyond_scopes(decision.repository, beyond(decision)),
        ),
    )


def _lacking(decision: Decision, namespace: Namespace) -> tuple[str, ...]:
    if decision.actor.kind != "robot":
        return needs(namespace, needed_for(decision))
    known = {*decision.granted, *beyond(decision)}
    missing = [action for action in decision.asked if action not in known]
    return permission_for(decision.actor.name, decision.repository, missing)


def _words_of_catalog(decision: Decision) -> tuple[Sequence[str], Sequence[str]]:
    if decision.granted:
        return (f"{decision.actor.name} is an admin",), ()
    if decision.limits is not None and decision.actor.admin:
        return (), ("use a token without scopes, or with *:pull among them",)
    return (), ("be an admin",)


def _namespace(
    session: Session, known: dict[tuple[int, str], Namespace | None], decision: Decision
) -> Namespace | None:
    if decision.namespace is None:
        return None
    key = decision.asker.registry_id, namespace_of(decision.repository)
    if key not in known:
        known[key] = namespaces.by_name(session, *key)
    return known[key]


def _fingerprint(decision: Decision) -> str:
    """Return the same for decisions that a reader could not tell apart."""
    asker = decision.asker
    words = (
        asker.registry,
        str(asker.user_id),
        asker.address,
        asker.client,
        decision.repository,
        ",".join(decision.asked),
        ",".join(decision.granted),
        decision.failure,
    )
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def _clean(text: str) -> str:
    """Return what a client said as a database takes it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:_TEXT_MAX]
