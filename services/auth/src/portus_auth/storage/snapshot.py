"""One moment of everything that decisions rest on, in memory.

A snapshot never changes: `snapshot_reading.updated` makes the next one. The cost of looking
something up does not depend on how much there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portus_auth.domain.accounts import fold
from portus_auth.domain.policy import ActorFacts, NamespaceFacts
from portus_auth.domain.roles import Role
from portus_auth.domain.rules import Rules
from portus_auth.storage.entries import Account, RefreshFacts, RegistryFacts, RobotFacts, TokenFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything up to `revision`."""

    revision: int = -1
    accounts: Mapping[int, Account] = field(default_factory=dict)
    account_ids: Mapping[str, int] = field(default_factory=dict)
    tokens: Mapping[str, TokenFacts] = field(default_factory=dict)
    refresh_tokens: Mapping[str, RefreshFacts] = field(default_factory=dict)
    roles: Mapping[int, Mapping[int, Role]] = field(default_factory=dict)
    namespaces: Mapping[tuple[int, str], NamespaceFacts] = field(default_factory=dict)
    registries: Mapping[str, RegistryFacts] = field(default_factory=dict)
    robots: Mapping[int, RobotFacts] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)

    def account(self, login: str) -> Account | None:
        """Return the account that a typed user name or e-mail address means."""
        found = self.account_ids.get(fold(login))
        return None if found is None else self.accounts[found]

    def actor(self, account: Account) -> ActorFacts:
        """Return what the policy wants to know of an account."""
        if account.robot:
            return self._robot(account)
        return ActorFacts(
            kind="user",
            name=account.username,
            enabled=account.enabled,
            admin=account.admin,
            roles=self.roles.get(account.id, {}),
        )

    def _robot(self, account: Account) -> ActorFacts:
        facts = self.robots.get(account.id)
        return ActorFacts(
            kind="robot",
            name=account.username,
            enabled=account.enabled,
            permissions=facts.permissions if facts else (),
            is_global=facts is not None and facts.is_global,
        )

    def namespace(self, registry: RegistryFacts, name: str) -> NamespaceFacts | None:
        """Return a namespace of a registry (`_`: the global one), None where nobody made it."""
        return self.namespaces.get((registry.id, name))
