"""What facts in memory are made of: one value for each account, registry and refresh token."""

from __future__ import annotations

from dataclasses import dataclass

from portus_shared.scopes import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What signing in needs to know of a user; `password_hash` is absent for bots and robots."""

    id: int
    username: str
    keys: tuple[str, ...]
    password_hash: str | None
    admin: bool
    enabled: bool
    bot: bool
    robot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFacts:
    """One registry; `external_host` is the `service` that clients ask tokens for."""

    id: int
    name: str
    external_host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotFacts:
    """What a robot may do, and whether an admin made it for more than one namespace."""

    permissions: tuple[Scope, ...]
    is_global: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts:
    """An application token: whose it is, what it is limited to (None: nothing), and its end.

    `expires_at_s` is seconds since the epoch.
    """

    id: int
    user_id: int
    scopes: tuple[Scope, ...] | None
    expires_at_s: float | None

    def is_in_time(self, now_s: float) -> bool:
        """Tell whether the token may still be used."""
        return self.expires_at_s is None or self.expires_at_s > now_s


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshFacts:
    """What a refresh token hangs on: an application token, or the password with this mark.

    `used_at_s` is seconds since the epoch, to the hour.
    """

    id: int
    user_id: int
    registry_id: int
    application_token_hash: str | None
    password_mark: str
    used_at_s: float
