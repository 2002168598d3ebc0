"""A message on its way: the event's bytes and its CloudEvents attributes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from portus_shared.clock import now
from portus_shared.contracts import codec
from portus_shared.contracts.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event in transit; `id` is what consumers remember to apply it once."""

    id: str
    key: str
    body: bytes
    source: str
    timestamp: datetime
    correlation_id: str | None = None


def message_of(event: Event, *, source: str, correlation_id: str | None = None) -> Message:
    """Wrap an event with a fresh id."""
    return Message(
        id=str(uuid.uuid4()),
        key=event.key,
        body=codec.encode(event),
        source=source,
        timestamp=now(),
        correlation_id=correlation_id,
    )
