"""What auth says about this installation: is set-up needed, where does the registry listen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from portus_shared.errors import Unavailable
from portus_ui.clients.auth import Auth

_KEEP_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Facts for the shell; `host` is what people type after ``docker login``.

    With `sign_up` people make accounts themselves, with `mail` they get letters.
    """

    setup_needed: bool
    host: str
    sign_up: bool
    mail: bool


class Abouts:
    """Remember auth's answer for half a minute, and longer while auth is away."""

    def __init__(self, auth: Auth, clock: Callable[[], float] = time.monotonic) -> None:
        self._auth = auth
        self._clock = clock
        self._kept: About | None = None
        self._until = 0.0

    def now(self) -> About:
        """Return the facts; raises `Unavailable` only when nothing is known yet."""
        if self._kept and not self._kept.setup_needed and self._clock() < self._until:
            return self._kept
        try:
            self._kept = self._ask()
        except Unavailable:
            if self._kept is None:
                raise
        self._until = self._clock() + _KEEP_S
        return self._kept

    def host(self) -> str:
        """Return the registry's external host, or nothing while it is not known."""
        try:
            return self.now().host
        except Unavailable:
            return ""

    def _ask(self) -> About:
        answer = self._auth.about()
        hosts = [registry["external_host"] for registry in answer["registries"]]
        return About(
            setup_needed=answer["setup_needed"],
            host=hosts[0] if hosts else "",
            sign_up=answer.get("sign_up", False),
            mail=answer.get("mail", False),
        )
