"""Who asks: every use case takes an actor, and no rule looks anywhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from portus_shared.scopes import Scope

Kind = Literal["user", "robot", "service", "anonymous"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One caller; `user_id` is set for users (bots among them) and robots.

    `scopes` is what the credential that was shown is limited to, None for nothing; `until_s` is
    when it ends, in seconds since the epoch.
    """

    kind: Kind
    name: str = ""
    user_id: int | None = None
    admin: bool = False
    scopes: tuple[Scope, ...] | None = None
    until_s: float | None = None

    @property
    def is_limited(self) -> bool:
        """Tell whether this caller may do no more than its scopes say, and nothing else."""
        return self.scopes is not None or self.kind == "robot"

    @property
    def is_signed_in(self) -> bool:
        """Tell whether this is somebody with an account."""
        return self.user_id is not None


ANONYMOUS: Final = Actor(kind="anonymous")
SYSTEM: Final = Actor(kind="service", name="_auth", admin=True)
"""auth itself: at start, and for what an operator does on the command line."""
