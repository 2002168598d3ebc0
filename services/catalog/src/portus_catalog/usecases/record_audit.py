"""Another service recorded who did what: it joins the activities, for admins to read."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portus_catalog.storage import activities
from portus_catalog.usecases.record_description import storable
from portus_shared.contracts import auth, catalog, sync

AuditRecorded = auth.AuditRecorded | sync.AuditRecorded | catalog.AuditRecorded


def record_audit(session: Session, event: AuditRecorded, message_id: str) -> None:
    """Keep one audit record; `message_id` is what makes it itself."""
    details = {
        "service": event.key.partition(".")[0],
        "address": event.address,
        "subject": event.subject,
        "before": event.before,
        "after": event.after,
    }
    activities.record(
        session,
        event.action,
        message_id,
        at=event.occurred_at,
        actor=event.actor,
        details=storable(details),
    )
