"""View models of decisions about token requests: what was asked, what came of it, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portus_ui.views.formats import Moment, count, moment

OUTCOMES: Final = {
    "denied": "Denied",
    "partial": "Partly granted",
    "failed": "Sign-in failed",
    "granted": "Granted",
}
_CATALOG: Final = ["catalog"]
_CLIENT_MAX: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision; `needed` says what would give the rest, `lead` introduces it."""

    title: str
    outcome: str
    bad: bool
    user: str
    asked: str
    because: Sequence[str]
    lead: str
    needed: Sequence[str]
    address: str
    client: str
    last: Moment | None
    times: str


def decision_row(decision: Mapping[str, Any], now: datetime) -> DecisionRow:
    """Make the row of one decision."""
    outcome, times = decision["outcome"], int(decision["count"])
    return DecisionRow(
        title=decision["repository"] or _other_title(decision),
        outcome=OUTCOMES.get(outcome, outcome),
        bad=outcome in {"denied", "failed"},
        user=decision["user"] or "anonymous",
        asked=_asked(decision),
        because=decision["because"],
        lead=_lead(decision["needed"]),
        needed=decision["needed"],
        address=decision["address"],
        client=decision["client"].partition(" ")[0][:_CLIENT_MAX],
        last=moment(decision["last_at"], now),
        times=f"{count(times)} times" if times > 1 else "",
    )


def _other_title(decision: Mapping[str, Any]) -> str:
    return "List of all repositories" if decision["asked"] == _CATALOG else "Sign-in"


def _lead(needed: Sequence[str]) -> str:
    """Introduce what somebody would have to be or do; a sentence of its own needs nothing."""
    if not needed or not all(each[:1].islower() for each in needed):
        return ""
    return "What it takes:" if len(needed) == 1 else "Any of these would do:"


def _asked(decision: Mapping[str, Any]) -> str:
    asked, granted = decision["asked"], decision["granted"]
    if not asked or asked == _CATALOG:
        return ""
    words = f"asked to {_listed(asked)}"
    return f"{words}, may {_listed(granted)}" if granted and granted != asked else words


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
