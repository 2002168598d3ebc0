"""Keep how the registry differed from the catalogue, and say why and what was done about it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from portus_shared.contracts.catalog import Reconciled
from portus_sync.storage import drift, scans
from portus_sync.storage.drift import GONE, MISSING, MOVED, Found

_FIRST_SIGHT: Final = frozenset({"registry", "replica"})
"""Scans of what nobody knew yet: all of it would be a difference."""

_CAUSES: Final = {
    "instance": "The registry was restarted, and lost the notifications it had not delivered",
    "start": "It happened while sync was away",
}
_NOT_TOLD: Final = "No notification of it arrived: see whether the registry sends them"
_DONE: Final = {
    "asked": "It is being looked for in the registry",
    "approved": "It is being looked for in the registry",
    "held": "Too many are gone at once: an admin decides",
    "removed": "The registry confirmed that it is gone, and so it was removed here",
    "present": "The registry has it after all",
}


def keep(session: Session, event: Reconciled, *, at: datetime) -> None:
    """Keep the differences that catalog found in one repository of a scan."""
    scan = scans.by_id(session, event.scan_id)
    if scan is not None and scan.cause not in _FIRST_SIGHT:
        drift.add(session, scan, event.repository, _found(event), at=at)


def cause_of(scan_cause: str) -> str:
    """Say what is the likely reason of a difference."""
    return _CAUSES.get(scan_cause, _NOT_TOLD)


def done_about(kind: str, removal: str | None) -> str:
    """Say what became of a difference; `removal` is the state of the tag's removal."""
    if kind != GONE:
        return "The catalogue has taken it over"
    return _DONE.get(removal or "", "Nothing yet")


def _found(event: Reconciled) -> Iterator[Found]:
    for kind, tags in ((MISSING, event.added), (MOVED, event.moved), (GONE, event.gone)):
        for tag in tags:
            yield Found(
                kind=kind,
                tag=tag.tag,
                known_digest=tag.known_digest,
                found_digest=tag.found_digest,
            )
