"""Take in what a registry sent: store each event once, and pass on what it tells at once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portus_shared.clock import Stamps
from portus_sync.domain.notifications import (
    OWN_PULL,
    DeleteSeen,
    Fact,
    Ignored,
    Outcome,
    PullSeen,
    PushSeen,
    Unreadable,
)
from portus_sync.registry.tokens import ACCOUNT
from portus_sync.storage import deletions as wanted, jobs, notifications, registries
from portus_sync.usecases import deletions, publish, scans
from portus_sync.usecases.publish import Seen

_OUTCOMES: dict[type[Fact], str] = {
    PushSeen: "push",
    PullSeen: "pull",
    DeleteSeen: "delete",
    Ignored: "ignored",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """How events are taken in; `default_registry` is theirs while auth has announced none."""

    stamps: Stamps
    default_registry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of an envelope's events."""

    accepted: int
    duplicates: int
    quarantined: int


def receive(
    session: Session, reception: Reception, outcomes: Sequence[Outcome], *, at: datetime
) -> Receipt:
    """Store the events that are new, with what follows from them; quarantine the unreadable."""
    facts = [outcome for outcome in outcomes if not isinstance(outcome, Unreadable)]
    accepted = sum(_accept(session, reception, fact, at) for fact in facts)
    for outcome in outcomes:
        if isinstance(outcome, Unreadable):
            quarantine(session, outcome, at=at)
    return Receipt(
        accepted=accepted,
        duplicates=len(facts) - accepted,
        quarantined=len(outcomes) - len(facts),
    )


def quarantine(session: Session, found: Unreadable, *, at: datetime) -> None:
    """Keep something unreadable for a person; a repetition of it is only counted."""
    fingerprint = hashlib.sha256(f"{found.reason}\n{found.raw}".encode()).hexdigest()
    notifications.quarantine(
        session, fingerprint=fingerprint, reason=found.reason, raw=found.raw, at=at
    )


def _accept(session: Session, reception: Reception, fact: Fact, at: datetime) -> bool:
    """Store one event and act on it; tell whether it was new.

    What sync's own requests cause is dropped: a scan would write a row for each tag it asks about.
    """
    if isinstance(fact, Ignored) and fact.reason == OWN_PULL:
        return True
    registry = _registry_of(session, fact.origin.host) or reception.default_registry
    if not notifications.add(session, _row(fact, registry, at)):
        return False
    _watch_instance(session, registry, fact.origin.instance_id, at)
    seen = Seen(registry=registry, observed_at=reception.stamps.next(), at=at)
    match fact:
        case PushSeen():
            publish.pushed(session, seen, fact)
            jobs.ask(session, registry, fact.repository, [fact.digest], at=at)
            deletions.keep_pushed(session, registry, fact.repository, fact.digest, at=at)
        case DeleteSeen():
            publish.deleted(session, seen, fact, _who_deleted(session, registry, fact))
            if fact.digest is not None:
                jobs.forget(session, registry, fact.repository, fact.digest)
        case PullSeen() if fact.is_download:
            _remember_pull(session, registry, fact, at)
        case _:
            pass
    return True


def _who_deleted(session: Session, registry: str, fact: DeleteSeen) -> str:
    """Return who is behind a deletion: sync's own requests are somebody else's wish."""
    actor = fact.origin.actor
    if actor != ACCOUNT:
        return actor
    return wanted.requester(session, registry, fact.repository, fact.digest) or actor


def _registry_of(session: Session, host: str) -> str | None:
    """Return the registry that a request to `host` reached, else the first known, if any."""
    known = registries.enabled(session)
    named = [registry.name for registry in known if registry.external_host == host]
    return next(iter(named + [registry.name for registry in known]), None)


def _watch_instance(session: Session, registry: str, instance_id: str, at: datetime) -> None:
    """Scan when a registry process was not heard of before: its predecessor's queue is lost."""
    if instance_id and registries.note_instance(session, registry, instance_id, at):
        scans.request(session, registry, cause="instance", asked_by=instance_id, at=at)


def _remember_pull(session: Session, registry: str, fact: PullSeen, at: datetime) -> None:
    row = {
        "registry": registry,
        "repository": fact.repository,
        "digest": fact.digest,
        "tag": fact.tag,
        "pulled_at": at,
    }
    notifications.add_pull(session, row)


def _row(fact: Fact, registry: str, at: datetime) -> dict[str, object]:
    origin = fact.origin
    return {
        "registry": registry,
        "event_id": origin.event_id,
        "outcome": _OUTCOMES[type(fact)],
        "reason": getattr(fact, "reason", None),
        "repository": getattr(fact, "repository", None),
        "tag": getattr(fact, "tag", None),
        "digest": getattr(fact, "digest", None),
        "actor": origin.actor,
        "instance_id": origin.instance_id,
        "occurred_at": origin.occurred_at,
        "received_at": at,
    }
