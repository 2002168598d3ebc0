"""Events to bytes and back; JSON by the schema that each event derives."""

from __future__ import annotations

import json

from marshmallow import ValidationError

from portus_shared.contracts.event import Event, event_types, schema_of


class Undecodable(Exception):
    """Say that a message is no event this build knows; retrying cannot help."""


def encode(event: Event) -> bytes:
    """Write an event as UTF-8 JSON."""
    body = schema_of(type(event)).dump(event)
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def decode(key: str, body: bytes) -> Event:
    """Read an event; unknown fields are ignored. Raises `Undecodable`."""
    cls = event_types().get(key)
    if cls is None:
        message = f"no event has the key {key}"
        raise Undecodable(message)
    try:
        event: Event = schema_of(cls).loads(body.decode())
    except (ValidationError, ValueError) as error:
        message = f"the body is not a {key}: {error}"
        raise Undecodable(message) from error
    return event
