"""Tokens for the registry, from auth's realm, kept until shortly before they expire."""

import threading
import time
from dataclasses import dataclass
from typing import Final

from requests import Response

from portus_shared.config import Secret
from portus_shared.errors import Unavailable
from portus_shared.http import Client
from portus_sync.registry.errors import Refused, RegistryError

ACCOUNT: Final = "_sync"
"""sync's own subject at the realm; no person can have this name."""

_REALM_PATH: Final = "/v2/token"
_SPARE_S: Final = 20.0
_SHORTEST_LIFE_S: Final = 60
_MAX_KEPT: Final = 10_000
_TIMEOUT_S: Final = (3.0, 15.0)


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str
    good_until: float


class TokenSource:
    """Give tokens by service and scope, from any thread.

    The realm asked is always auth's own address from the settings, never the one that a registry
    names: sync's secret goes nowhere else.
    """

    def __init__(self, auth: Client, secret: Secret) -> None:
        self._auth = auth
        self._secret = secret
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], _Kept] = {}

    def token(self, service: str, scope: str) -> str:
        """Return a token; raises `Refused`, or `RegistryError` while auth is away."""
        with self._lock:
            kept = self._kept.get((service, scope))
        if kept is not None and kept.good_until > time.monotonic():
            return kept.token
        fresh = self._fetch(service, scope)
        with self._lock:
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            self._kept[service, scope] = fresh
        return fresh.token

    def forget(self, service: str, scope: str) -> None:
        """Drop a token that the registry did not accept."""
        with self._lock:
            self._kept.pop((service, scope), None)

    def _fetch(self, service: str, scope: str) -> _Kept:
        asked_at = time.monotonic()
        try:
            answer = self._auth.get(
                _REALM_PATH,
                params={"service": service, "scope": scope, "account": ACCOUNT},
                auth=(ACCOUNT, self._secret.reveal()),
                timeout=_TIMEOUT_S,
            )
        except Unavailable as error:
            raise RegistryError(error.message) from error
        return _kept(answer, asked_at)


def _kept(answer: Response, asked_at: float) -> _Kept:
    if answer.status_code != 200:  # noqa: PLR2004
        raise Refused(f"the token realm answered {answer.status_code}")
    try:
        body = answer.json()
        token = body.get("token") or body["access_token"]
        lasts_s = max(int(body.get("expires_in", _SHORTEST_LIFE_S)), _SHORTEST_LIFE_S)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegistryError("the token realm's answer cannot be read") from error
    return _Kept(str(token), asked_at + lasts_s - _SPARE_S)
