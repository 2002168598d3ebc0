"""Take in what registries sent: store each event once, and pass on what it tells at once.

What several requests brought is taken in together, with a number of queries that does not depend
on how much it is; one event is many of one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from portus_shared import logs
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
from portus_sync.domain.places import Place
from portus_sync.registry.tokens import ACCOUNT
from portus_sync.storage import deletions as wanted, jobs, notifications, registries
from portus_sync.storage.registries import Instance
from portus_sync.usecases import deletions, publish, scans
from portus_sync.usecases.publish import Seen

_OUTCOMES: dict[type[Fact], str] = {
    PushSeen: "push",
    PullSeen: "pull",
    DeleteSeen: "delete",
    Ignored: "ignored",
}
_MAX_INSTANCES: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """How events are taken in; `default_registry` is theirs while auth has announced none.

    `instances` are runs of registries that were in the database before: those need no asking.
    """

    stamps: Stamps
    default_registry: str
    instances: set[Instance] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What one request brought; its id goes with the events that follow from it."""

    outcomes: Sequence[Outcome]
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of the events."""

    accepted: int
    duplicates: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """An event, the registry it is of, and the request that brought it."""

    registry: str
    fact: Fact
    request_id: str | None


def receive(
    session: Session, reception: Reception, envelopes: Sequence[Envelope], *, at: datetime
) -> Receipt:
    """Store the events that are new, with what follows from them; quarantine the unreadable."""
    outcomes = [outcome for envelope in envelopes for outcome in envelope.outcomes]
    unreadable = [outcome for outcome in outcomes if isinstance(outcome, Unreadable)]
    heard = _heard(session, reception, envelopes)
    new = _new(session, heard, at)
    _watch_instances(session, reception, new, at)
    _publish(session, reception, new, at)
    _follow_manifests(session, new, at)
    _remember_pulls(session, new, at)
    notifications.quarantine(session, unreadable, at=at)
    duplicates = len(heard) - len(new)
    return Receipt(
        accepted=len(outcomes) - len(unreadable) - duplicates,
        duplicates=duplicates,
        quarantined=len(unreadable),
    )


def _heard(
    session: Session, reception: Reception, envelopes: Sequence[Envelope]
) -> Sequence[_Heard]:
    """Return the events to be stored.

    What sync's own requests cause is dropped: a scan would write a row for each tag it asks about.
    """
    facts = [
        (fact, envelope.request_id)
        for envelope in envelopes
        for fact in envelope.outcomes
        if not isinstance(fact, Unreadable) and not _is_own_pull(fact)
    ]
    known = registries.hosts(session) if facts else ()
    return [
        _Heard(
            registry=_registry_of(known, fact.origin.host) or reception.default_registry,
            fact=fact,
            request_id=request_id,
        )
        for fact, request_id in facts
    ]


def _is_own_pull(fact: Fact) -> bool:
    return isinstance(fact, Ignored) and fact.reason == OWN_PULL


def _registry_of(known: Sequence[tuple[str, str]], host: str) -> str | None:
    """Return the registry that a request to `host` reached, else the first known, if any."""
    named = (name for name, external_host in known if external_host == host)
    return next(named, known[0][0] if known else None)


def _new(session: Session, heard: Iterable[_Heard], at: datetime) -> Sequence[_Heard]:
    """Store events; return those that were not there, each once, in their order."""
    by_registry: dict[str, dict[str, _Heard]] = defaultdict(dict)
    for one in heard:
        by_registry[one.registry].setdefault(one.fact.origin.event_id, one)
    unheard = set()
    for registry in sorted(by_registry):
        events = by_registry[registry]
        rows = [_row(one, at) for one in events.values()]
        unheard |= {id(events[new]) for new in notifications.add(session, rows)}
    return [one for one in heard if id(one) in unheard]


def _row(heard: _Heard, at: datetime) -> dict[str, object]:
    fact, origin = heard.fact, heard.fact.origin
    return {
        "registry": heard.registry,
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


def _watch_instances(
    session: Session, reception: Reception, new: Sequence[_Heard], at: datetime
) -> None:
    """Scan when a registry process was not heard of before: its predecessor's queue is lost."""
    told = {(one.registry, one.fact.origin.instance_id) for one in new}
    unsure = {instance for instance in told - reception.instances if instance[1]}
    fresh = registries.note_instances(session, unsure, at)
    for registry, instance_id in fresh:
        scans.request(session, registry, cause="instance", asked_by=instance_id, at=at)
    # The fresh ones may yet be rolled back; the others were committed by somebody.
    if len(reception.instances) < _MAX_INSTANCES:
        reception.instances.update(unsure.difference(fresh))


def _publish(session: Session, reception: Reception, new: Sequence[_Heard], at: datetime) -> None:
    """Tell of pushes and deletions, in their order."""
    for one in new:
        seen = Seen(registry=one.registry, observed_at=reception.stamps.next(), at=at)
        with logs.context(request_id=one.request_id):
            match one.fact:
                case PushSeen() as push:
                    publish.pushed(session, seen, push)
                case DeleteSeen() as deletion:
                    who = _who_deleted(session, one.registry, deletion)
                    publish.deleted(session, seen, deletion, who)


def _who_deleted(session: Session, registry: str, fact: DeleteSeen) -> str:
    """Return who is behind a deletion: sync's own requests are somebody else's wish."""
    actor = fact.origin.actor
    if actor != ACCOUNT:
        return actor
    return wanted.requester(session, registry, fact.repository, fact.digest) or actor


def _follow_manifests(session: Session, new: Sequence[_Heard], at: datetime) -> None:
    """Have what was pushed last described, and forget what was deleted, even if it came back."""
    pushed: set[Place] = set()
    deleted: set[Place] = set()
    there: set[Place] = set()
    for place, is_push in _changes(new):
        (pushed if is_push else deleted).add(place)
        (there.add if is_push else there.discard)(place)
    jobs.forget(session, deleted)
    jobs.ask(session, there, at=at)
    deletions.keep_pushed(session, pushed, at=at)


def _changes(new: Sequence[_Heard]) -> Iterator[tuple[Place, bool]]:
    """Yield the manifests that were pushed (true) or deleted (false), in their order."""
    for one in new:
        if isinstance(one.fact, PushSeen | DeleteSeen) and one.fact.digest is not None:
            place = Place(one.registry, one.fact.repository, one.fact.digest)
            yield place, isinstance(one.fact, PushSeen)


def _remember_pulls(session: Session, new: Sequence[_Heard], at: datetime) -> None:
    rows = [
        {
            "registry": one.registry,
            "repository": one.fact.repository,
            "digest": one.fact.digest,
            "tag": one.fact.tag,
            "pulled_at": at,
        }
        for one in new
        if isinstance(one.fact, PullSeen) and one.fact.is_download
    ]
    if rows:
        notifications.add_pulls(session, rows)
