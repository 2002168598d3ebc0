"""What of a token request is remembered, so that people can ask why they were denied.

Denied and partly denied requests always, granted ones now and then, and failed proofs of who
somebody is where that account exists. What sync asks for is nobody's question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from portus_auth.domain.decisions import CATALOG, Asker, Decision, Outcome
from portus_auth.domain.policy import SYNC, Action
from portus_auth.domain.scopes import Scopes
from portus_auth.realm.authenticate import Proven
from portus_auth.realm.parse import Password, TokenRequest
from portus_auth.storage.facts import Account, RegistryFacts, Snapshot
from portus_shared.names import namespace_of

MAX_OF_REQUEST: Final = 20
"""How many repositories of one request are remembered."""

_CLIENT_MAX: Final = 200


class DecisionLog(Protocol):
    """Where decisions go; neither of the two waits for anything."""

    def wants_granted(self) -> bool:
        """Tell whether a request that got all it asked for is to be remembered."""

    def note(self, decision: Decision) -> None:
        """Remember a decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Remember what becomes of one request; `agent` is what its client calls itself."""

    log: DecisionLog
    request: TokenRequest
    agent: str
    registry: RegistryFacts
    snapshot: Snapshot

    def decided(self, proven: Proven, granted: Scopes) -> None:
        """Remember what somebody was given of what they asked for."""
        if proven.actor.kind == "service":
            return
        is_short = _is_short(self.request.scopes, granted)
        if not is_short and not self.log.wants_granted():
            return
        made = self._decisions(self._asker(proven.account), proven, granted)
        told = (each for each in made if not (is_short and each.outcome is Outcome.GRANTED))
        for decision in islice(told, MAX_OF_REQUEST):
            self.log.note(decision)

    def failed(self, reason: str) -> None:
        """Remember that somebody did not prove to own the account that they named."""
        given = self.request.credential
        if not isinstance(given, Password) or given.name == SYNC:
            return
        account = self.snapshot.account(given.name)
        if account is None:
            return
        name, asked = next(iter(self.request.scopes.repositories.items()), ("", frozenset()))
        decision = Decision(
            asker=self._asker(account), repository=name, asked=_words(asked), failure=reason
        )
        self.log.note(decision)

    def _decisions(self, asker: Asker, proven: Proven, granted: Scopes) -> Iterator[Decision]:
        asked, actor = self.request.scopes, proven.actor
        if asked.catalog:
            listed = (CATALOG,) if granted.catalog else ()
            yield Decision(
                asker=asker,
                asked=(CATALOG,),
                granted=listed,
                actor=actor,
                limits=proven.limits,
            )
        for name, actions in asked.repositories.items():
            if actions:
                yield Decision(
                    asker=asker,
                    repository=name,
                    asked=_words(actions),
                    granted=_words(granted.repositories.get(name, frozenset())),
                    actor=actor,
                    namespace=self.snapshot.namespace(self.registry, namespace_of(name)),
                    rules=self.snapshot.rules,
                    limits=proven.limits,
                )

    def _asker(self, account: Account | None) -> Asker:
        return Asker(
            registry_id=self.registry.id,
            registry=self.registry.external_host,
            user_id=account.id if account else None,
            username=account.username if account else "",
            address=self.request.address,
            client=(self.agent or self.request.client)[:_CLIENT_MAX],
        )


def _is_short(asked: Scopes, granted: Scopes) -> bool:
    """Tell whether anything is missing of what was asked."""
    return granted.catalog != asked.catalog or any(
        actions - granted.repositories.get(name, frozenset())
        for name, actions in asked.repositories.items()
    )


def _words(actions: frozenset[Action]) -> tuple[str, ...]:
    return tuple(action.value for action in Action if action in actions)
