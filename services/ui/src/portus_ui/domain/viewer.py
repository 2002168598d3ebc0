"""On whose behalf ui asks the other services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """One visitor and the API token of the minute; `name` is None for the anonymous visitor."""

    name: str | None
    admin: bool
    token: str
    user_id: int | None = None

    @property
    def key(self) -> str:
        """Return what caches of this viewer's answers are kept under."""
        return self.name or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What auth answered to a good password."""

    handle: str
    username: str
    expires_at: datetime
