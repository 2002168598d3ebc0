"""Step four: the token, in the one form that every registry from 2.1 to 3.x accepts.

``aud`` is a string, times are whole seconds, ``nbf`` lies in the past for registries without
leeway, every scope is of the plain type, and ``*`` stands for the catalogue only.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

from portus_auth.domain.policy import Action, ActorFacts
from portus_auth.domain.scopes import Scopes
from portus_auth.storage.facts import RegistryFacts
from portus_shared.config import Secret
from portus_shared.keys import Signer

MIN_LIFETIME_S: Final = 60
"""Clients take any shorter life for this one, and would use tokens that have expired."""

REGISTRY_LEEWAY_S: Final = 60
"""For so long registries take a token that has expired."""

_BACKDATED_S: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmSettings:
    """What an operator may choose; token lives are at least 60 s whatever they say.

    `refresh_token_days` is how long an unused refresh token lasts; 0: there are none.
    """

    issuer: str
    sync_secret: Secret
    pull_token_s: int = 5 * 60
    push_token_s: int = 60 * 60
    refresh_token_days: int = 90

    @property
    def tokens_last_s(self) -> int:
        """Return after how long a registry refuses whatever was given, however its clock goes."""
        return max(self.pull_token_s, self.push_token_s, MIN_LIFETIME_S) + REGISTRY_LEEWAY_S


def sign(
    actor: ActorFacts,
    granted: Scopes,
    registry: RegistryFacts,
    signer: Signer,
    settings: RealmSettings,
    *,
    until_s: float | None = None,
) -> dict[str, Any]:
    """Return the body of a successful answer, for no longer than the credential lasts.

    There is no ``issued_at``: clients would compare it with their own clock, however wrong.
    """
    now, lifetime_s = int(time.time()), _lifetime_s(granted, settings)
    if until_s is not None:
        lifetime_s = min(lifetime_s, int(until_s) - now)
    lifetime_s = max(MIN_LIFETIME_S, lifetime_s)
    token = signer.sign(
        {
            "iss": settings.issuer,
            "sub": actor.name,
            "aud": registry.external_host,
            "exp": now + lifetime_s,
            "nbf": now - _BACKDATED_S,
            "iat": now,
            "jti": secrets.token_hex(16),
            "access": _access(granted),
        }
    )
    return {"token": token, "access_token": token, "expires_in": lifetime_s}


def _lifetime_s(granted: Scopes, settings: RealmSettings) -> int:
    """Give uploads time to finish; what only reads comes back and is decided anew."""
    writes = any(actions - {Action.PULL} for actions in granted.repositories.values())
    return settings.push_token_s if writes else settings.pull_token_s


def _access(granted: Scopes) -> list[dict[str, Any]]:
    access: list[dict[str, Any]] = [
        {"type": "repository", "name": name, "actions": [a for a in Action if a in actions]}
        for name, actions in granted.repositories.items()
    ]
    if granted.catalog:
        access.append({"type": "registry", "name": "catalog", "actions": ["*"]})
    return access
