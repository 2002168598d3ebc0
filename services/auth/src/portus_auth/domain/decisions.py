"""A decision about one repository of a token request, with what it rested on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from portus_auth.domain.explain import Explanation, explain
from portus_auth.domain.limits import Limits, within
from portus_auth.domain.policy import Action, ActorFacts, Grant, NamespaceFacts, allowed_actions
from portus_auth.domain.rules import Rules

CATALOG: Final = "catalog"
"""The one thing to ask for that is no action on a repository: to list them all."""


class Outcome(StrEnum):
    """What came of it: all that was asked, a part, nothing, or not even a name to decide about."""

    GRANTED = "granted"
    PARTIAL = "partial"
    DENIED = "denied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asked, from where, for which registry; nobody's `user_id` is None."""

    registry_id: int
    registry: str
    user_id: int | None
    username: str
    address: str
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision; two are equal when a reader could not tell them apart.

    `repository` is "" for the catalogue and where none was named. `failure` says why somebody
    could not prove who they are.
    """

    asker: Asker
    repository: str = ""
    asked: tuple[str, ...] = ()
    granted: tuple[str, ...] = ()
    failure: str = ""
    actor: ActorFacts = field(compare=False, default_factory=lambda: ActorFacts(kind="anonymous"))
    namespace: NamespaceFacts | None = field(compare=False, default=None)
    rules: Rules = field(compare=False, default_factory=Rules)
    limits: Limits = field(compare=False, default=None)

    @property
    def outcome(self) -> Outcome:
        """Tell what came of it."""
        if self.failure:
            return Outcome.FAILED
        if self.granted == self.asked:
            return Outcome.GRANTED
        return Outcome.PARTIAL if self.granted else Outcome.DENIED

    @property
    def is_visible(self) -> bool:
        """Tell whether the asker may see that the namespace exists: who may pull may see."""
        named = self.repository or None
        return Action.PULL in allowed_actions(self.actor, self.namespace, self.rules, named)


def granted_by(decision: Decision) -> tuple[Grant, ...]:
    """Return the grants by which the asker got what they got."""
    found = [grant for each in decision.granted for grant in _explained(decision, each).granted_by]
    return tuple(dict.fromkeys(found))


def beyond(decision: Decision) -> tuple[str, ...]:
    """Return what the asker may do, and has asked for, but with another token."""
    allowed = allowed_actions(
        decision.actor, decision.namespace, decision.rules, decision.repository
    )
    left = within(decision.limits, decision.repository, allowed)
    return tuple(action for action in decision.asked if action in allowed - left)


def needed_for(decision: Decision) -> tuple[Grant, ...]:
    """Return the grants that would give all that is missing."""
    wanted = [each.needed for each in _missing(decision)]
    return tuple(each for each in wanted[0] if all(each in one for one in wanted)) if wanted else ()


def withheld_by(decision: Decision) -> tuple[str, ...]:
    """Return the switches without which the asker might have got more."""
    return tuple(each.withheld_by for each in _missing(decision) if each.withheld_by)


def _missing(decision: Decision) -> list[Explanation]:
    known = {*decision.granted, *beyond(decision)}
    missing = [action for action in decision.asked if action not in known]
    return [_explained(decision, action) for action in missing]


def _explained(decision: Decision, action: str) -> Explanation:
    return explain(
        decision.actor, decision.namespace, Action(action), decision.rules, decision.repository
    )
