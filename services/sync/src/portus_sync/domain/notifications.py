"""A registry's notification envelope read as facts.

Reading never raises: an event that cannot be understood becomes `Unreadable` beside the good ones
of the same envelope. Distribution 2.x leaves empty members out, 3.x sends them as "": both are
missing. Blobs and manifests share the actions; only the media type tells them apart, and a delete
has none.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from portus_shared.names import is_digest, is_repository_name, is_tag
from portus_sync.domain.foreign import bounded_int
from portus_sync.domain.text import storable

BLOB_MEDIA_TYPE = "application/octet-stream"
OWN_PULL = "own pull"
MAX_ID = 255
MAX_TEXT = 255
MAX_RAW = 65_536
_SAFE_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where and when an event happened; "" is unknown, and an actor "" is anonymous."""

    event_id: str
    action: str
    occurred_at: datetime | None
    actor: str
    instance_id: str
    host: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSeen:
    """A manifest was stored; without a tag it is an index's child or an artifact."""

    origin: Origin
    repository: str
    digest: str
    media_type: str
    tag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSeen:
    """A manifest was asked for; `is_download` is false for a HEAD, which transfers nothing."""

    origin: Origin
    repository: str
    digest: str
    tag: str | None
    is_download: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSeen:
    """A tag went (no digest), or a manifest or a blob (no tag; the two look the same)."""

    origin: Origin
    repository: str
    digest: str | None
    tag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """An event that changes nothing sync reports; `reason` is one of a few constant words."""

    origin: Origin
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Something received that is no event; `raw` is storable and bounded."""

    reason: str
    raw: str


Fact = PushSeen | PullSeen | DeleteSeen | Ignored
Outcome = Fact | Unreadable


class _NotAnEvent(Exception):
    """Carries the reason why an event is unreadable."""


def read_envelope(body: bytes, *, own_actor: str) -> list[Outcome]:
    """Return one outcome per event of `body`, in order; pulls made by `own_actor` are ignored."""
    text = body.decode("utf-8-sig", "replace")
    try:
        envelope = json.loads(text, parse_int=bounded_int)
    except ValueError:
        return [_unreadable("not JSON", text)]
    except RecursionError:
        return [_unreadable("nested too deeply", text)]
    events = envelope.get("events") if isinstance(envelope, dict) else None
    if not isinstance(events, list):
        return [_unreadable("no list of events", text)]
    return [_read_event(event, own_actor) for event in events]


def _unreadable(reason: str, raw: str) -> Unreadable:
    return Unreadable(reason=reason, raw=storable(raw, MAX_RAW))


def _read_event(event: object, own_actor: str) -> Outcome:
    try:
        if not isinstance(event, dict):
            _refuse("event is not an object")
        return _fact(event, _origin(event), own_actor)
    except _NotAnEvent as refusal:
        return _unreadable(str(refusal), json.dumps(event))
    except RecursionError:
        return _unreadable("nested too deeply", "")


def _refuse(reason: str) -> NoReturn:
    raise _NotAnEvent(reason)


def _fact(event: Mapping[str, Any], origin: Origin, own_actor: str) -> Fact:
    target = event.get("target")
    if not isinstance(target, dict):
        _refuse("target is not an object")
    match origin.action:
        case "":
            _refuse("no action")
        case "delete":
            return _delete(target, origin)
        case "push" | "pull":
            return _manifest(target, origin, own_actor)
        case "mount":
            return Ignored(origin=origin, reason="mount")
        case _:
            return Ignored(origin=origin, reason="unknown action")


def _manifest(target: Mapping[str, Any], origin: Origin, own_actor: str) -> Fact:
    media_type = _text(target, "mediaType")
    if media_type == BLOB_MEDIA_TYPE:
        return Ignored(origin=origin, reason="blob")
    if not media_type:
        _refuse("no media type")
    repository, digest, tag = _repository(target), _digest(target), _tag(target)
    if digest is None:
        _refuse("no digest")
    if origin.action == "push":
        return PushSeen(
            origin=origin, repository=repository, digest=digest, media_type=media_type, tag=tag
        )
    if origin.actor == own_actor:
        return Ignored(origin=origin, reason=OWN_PULL)
    downloaded = origin.method == "GET"
    return PullSeen(
        origin=origin, repository=repository, digest=digest, tag=tag, is_download=downloaded
    )


def _delete(target: Mapping[str, Any], origin: Origin) -> DeleteSeen:
    repository, digest, tag = _repository(target), _digest(target), _tag(target)
    if digest is None and tag is None:
        _refuse("neither digest nor tag")
    return DeleteSeen(origin=origin, repository=repository, digest=digest, tag=tag)


def _origin(event: Mapping[str, Any]) -> Origin:
    return Origin(
        event_id=_event_id(event),
        action=_text(event, "action"),
        occurred_at=_timestamp(event.get("timestamp")),
        actor=_text(event, "actor", "name"),
        instance_id=_text(event, "source", "instanceID"),
        host=_text(event, "request", "host"),
        method=_text(event, "request", "method"),
    )


def _event_id(event: Mapping[str, Any]) -> str:
    """Return the event's id, or one made of its content: a retry brings the same bytes again."""
    given = storable(event.get("id"), MAX_ID + 1)
    if 0 < len(given) <= MAX_ID:
        return given
    canonical = json.dumps(event, sort_keys=True).encode()
    return "content:" + hashlib.sha256(canonical).hexdigest()


def _text(node: object, *path: str) -> str:
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return storable(node, MAX_TEXT)


def _repository(target: Mapping[str, Any]) -> str:
    name = _text(target, "repository")
    return name if is_repository_name(name) else _refuse("no valid repository")


def _digest(target: Mapping[str, Any]) -> str | None:
    digest = _text(target, "digest") or None
    return digest if digest is None or is_digest(digest) else _refuse("invalid digest")


def _tag(target: Mapping[str, Any]) -> str | None:
    tag = _text(target, "tag") or None
    return tag if tag is None or is_tag(tag) else _refuse("invalid tag")


def _timestamp(value: object) -> datetime | None:
    """Return the moment in UTC; a missing, odd or unrepresentable one is None, never a refusal."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return zoned.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
