"""How long a browser session lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
REMEMBERED: Final = timedelta(days=14)
TOUCH_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """When a session was last used and when it ends whatever happens."""

    seen_at: datetime
    expires_at: datetime
    remembered: bool

    def is_over(self, moment: datetime) -> bool:
        """Tell whether the session has ended by `moment`."""
        idle = not self.remembered and moment - self.seen_at > IDLE
        return idle or moment >= self.expires_at

    def wants_touch(self, moment: datetime) -> bool:
        """Tell whether the last use should be written down again."""
        return moment - self.seen_at >= TOUCH_EVERY


def end_of(moment: datetime, *, remembered: bool) -> datetime:
    """Return when a session that starts at `moment` ends at the latest."""
    return moment + (REMEMBERED if remembered else ABSOLUTE)
