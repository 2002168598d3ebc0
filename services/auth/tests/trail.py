"""What auth has told and not yet sent: its events, and the audit trail among them."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import select

from portus_auth.app import Auth
from portus_shared.contracts import codec
from portus_shared.contracts.auth import AuditRecorded
from portus_shared.contracts.event import Event
from portus_shared.outbox import outbox

E = TypeVar("E", bound=Event)


def told(auth: Auth, kind: type[E]) -> list[E]:
    """Return the events of one kind, oldest first."""
    rows = select(outbox.c.key, outbox.c.body).order_by(outbox.c.id)
    with auth.database.read() as session:
        events = [codec.decode(key, body.encode()) for key, body in session.execute(rows)]
    return [event for event in events if isinstance(event, kind)]


def records(auth: Auth, action: str) -> list[AuditRecorded]:
    """Return the audit records of one action."""
    return [record for record in told(auth, AuditRecorded) if record.action == action]


def words(auth: Auth) -> list[tuple[str, str, str]]:
    """Return who did what to whom, for all that was recorded."""
    return [(each.actor, each.action, each.subject) for each in told(auth, AuditRecorded)]


def raw(auth: Auth) -> str:
    """Return the bodies of all audit records."""
    bodies = select(outbox.c.body).where(outbox.c.key == AuditRecorded.key)
    with auth.database.read() as session:
        return "\n".join(session.scalars(bodies))


def last(auth: Auth, action: str) -> Any:
    """Return the last audit record of one action."""
    return records(auth, action)[-1]
