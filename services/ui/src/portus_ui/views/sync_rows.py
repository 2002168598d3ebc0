"""View models of what sync does: scans, differences, deletions, what could not be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portus_ui.views.formats import Moment, count, moment, plural

Json = Mapping[str, Any]
KINDS: Final = {
    "missing": "Missing here",
    "moved": "Points elsewhere",
    "gone": "Gone from the registry",
}
STATUSES: Final = {
    "waiting": "Waiting",
    "running": "Running",
    "done": "Done",
    "failed": "Failed",
}
UNDER_WAY: Final = frozenset({"waiting", "running"})
_STATES: Final = {
    "waiting": "Waiting",
    "running": "Running",
    "done": "Done",
    "incomplete": "Done in part",
    "superseded": "Not needed any more",
}
_CAUSES: Final = {
    "start": "Sync was started",
    "registry": "The registry was added or changed",
    "replica": "The catalogue was new",
    "instance": "The registry was restarted",
    "namespace": "A namespace was deleted",
    "timer": "Time for the next one",
}
_FAILURES_SHOWN: Final = 50
_RAW_SHOWN: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRow:
    """One scan; `failures` are the first repositories that could not be read, and why."""

    id: str
    registry: str
    why: str
    state: str
    is_bad: bool
    reason: str
    progress: str
    asked: Moment | None
    finished: Moment | None
    failures: Sequence[tuple[str, str]]
    failed: str
    held: int
    under_way: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRow:
    """One tag that a scan found otherwise."""

    repository: str
    tag: str
    kind: str
    known: str
    found: str
    cause: str
    done: str
    held_by: str
    when: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionRow:
    """One thing to be deleted, or one tag alone."""

    id: str
    repository: str
    tag: str
    digest: str
    by: str
    status: str
    failed: bool
    under_way: bool
    reason: str
    attempts: str
    asked: Moment | None
    finished: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableRow:
    """Something received that could not be read."""

    reason: str
    raw: str
    times: str
    first: Moment | None
    last: Moment | None


def scan_row(scan: Json, now: datetime) -> ScanRow:
    """Make the row of one scan."""
    failures = scan["failures"]
    return ScanRow(
        id=scan["id"],
        registry=scan["registry"],
        why=_why(scan),
        state=_STATES.get(str(scan["state"]), str(scan["state"])),
        is_bad=scan["state"] == "incomplete",
        reason=scan.get("reason") or "",
        progress=_progress(scan),
        asked=moment(scan["requested_at"], now),
        finished=moment(scan.get("finished_at"), now),
        failures=[(each["repository"], each["reason"]) for each in failures[:_FAILURES_SHOWN]],
        failed=plural(len(failures), "repository", "repositories") if failures else "",
        held=int(scan.get("held") or 0),
        under_way=scan["state"] in UNDER_WAY,
    )


def _why(scan: Json) -> str:
    if scan["cause"] == "command":
        return f"Asked for by {scan['asked_by']}"
    return _CAUSES.get(str(scan["cause"]), str(scan["cause"]))


def _progress(scan: Json) -> str:
    total, done = scan.get("repositories"), int(scan["repositories_done"])
    if total is None:
        return ""
    whole = plural(int(total), "repository", "repositories")
    read = f"{count(done)} of {whole}" if done < int(total) else whole
    return f"{read}, {plural(int(scan['tags']), 'tag')}"


def drift_row(item: Json, now: datetime) -> DriftRow:
    """Make the row of one difference."""
    return DriftRow(
        repository=item["repository"],
        tag=item["tag"],
        kind=KINDS.get(str(item["kind"]), str(item["kind"])),
        known=item.get("known_digest") or "",
        found=item.get("found_digest") or "",
        cause=item["cause"],
        done=item["done"],
        held_by=item.get("held_by") or "",
        when=moment(item["found_at"], now),
    )


def deletion_row(item: Json, now: datetime) -> DeletionRow:
    """Make the row of one deletion."""
    attempts = int(item["attempts"])
    return DeletionRow(
        id=item["id"],
        repository=item["repository"],
        tag=item.get("tag") or "",
        digest=item["digest"],
        by=item["requested_by"],
        status=STATUSES.get(str(item["status"]), str(item["status"])),
        failed=item["status"] == "failed",
        under_way=item["status"] in UNDER_WAY,
        reason=item.get("reason") or "",
        attempts=f"tried {plural(attempts, 'time')}" if attempts else "",
        asked=moment(item["requested_at"], now),
        finished=moment(item.get("finished_at"), now),
    )


def unreadable_row(item: Json, now: datetime) -> UnreadableRow:
    """Make the row of one thing that could not be read."""
    return UnreadableRow(
        reason=item["reason"],
        raw=item["raw"][:_RAW_SHOWN],
        times=plural(int(item["times"]), "time"),
        first=moment(item["received_at"], now),
        last=moment(item["last_received_at"], now),
    )
