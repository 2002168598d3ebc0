"""Viewers: sign-in handles traded at auth for API tokens, kept for less than a token's minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from portus_ui.clients.auth import Auth
from portus_ui.domain.viewer import Viewer

_SPARE_S: Final = 10
_MAX_KEPT: Final = 4096


class Viewers:
    """Know who is behind a handle; a revoked sign-in is noticed within the token's life."""

    def __init__(self, auth: Auth, clock: Callable[[], float] = time.monotonic) -> None:
        self._auth = auth
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Viewer, float]] = {}

    def of_handle(self, handle: str) -> Viewer:
        """Return the viewer; raises `Unauthenticated` when auth no longer knows the sign-in."""
        return self._trade(handle, {"sign_in": handle})

    def anonymous(self) -> Viewer:
        """Return the visitor who is not signed in."""
        return self._trade("", {"anonymous": True})

    def forget_handle(self, handle: str) -> None:
        """Drop the token of one sign-in."""
        with self._lock:
            self._kept.pop(handle, None)

    def forget(self, username: str) -> None:
        """Drop the tokens of one user: the next use asks auth again."""
        with self._lock:
            for key in [k for k, (viewer, _) in self._kept.items() if viewer.name == username]:
                del self._kept[key]

    def _trade(self, key: str, credential: dict[str, Any]) -> Viewer:
        with self._lock:
            kept = self._kept.get(key)
        if kept and self._clock() < kept[1]:
            return kept[0]
        granted = self._auth.principal(credential)
        until = self._clock() + max(1, granted.expires_in_s - _SPARE_S)
        with self._lock:
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            self._kept[key] = (granted.viewer, until)
        return granted.viewer
