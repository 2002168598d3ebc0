"""Failed sign-ins, remembered for a minute so that guessing becomes slow.

In memory and bounded; each process counts for itself. Nobody is ever locked out: who failed ten
times within a minute waits until the first of these is a minute old.
"""

from __future__ import annotations

import hmac
import math
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from portus_shared.errors import TooMany

LIMIT: Final = 10
WINDOW_S: Final = 60.0
SAME_TRY_S: Final = 2.0
"""containerd tries a wrong password twice, and one push many times at once: that is one failure."""

_MAX_KNOWN: Final = 10_000


NOBODY: Final = ""
"""Guessing tokens is hopeless; failures with them are counted by address, beside all accounts."""


def _forget(account: str, address: str) -> None:
    """Record nothing."""


class Failures:
    """Count failures by account and address; `clock` counts seconds and never goes back.

    `record` is called with the account and the address of each failure that counts.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        record: Callable[[str, str], None] = _forget,
    ) -> None:
        self._clock = clock
        self._record = record
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, deque[tuple[float, bytes]]] = OrderedDict()

    def demand_patience(self, account: str, address: str) -> None:
        """Raise `TooMany` while this account has failed too often from this address."""
        with self._lock:
            tries = self._known.get(self._mark(account, address))
            first = tries[0][0] if tries and len(tries) == LIMIT else -math.inf
        wait_s = first + WINDOW_S - self._clock()
        if wait_s > 0:
            message = "Too many failed sign-ins, try again in a minute"
            raise TooMany(message, retry_after_s=math.ceil(wait_s))

    def note(self, account: str, address: str, secret: str) -> None:
        """Count one failure, unless the same wrong secret was counted within two seconds."""
        who, what, moment = self._mark(account, address), self._mark(secret), self._clock()
        with self._lock:
            tries = self._known.setdefault(who, deque(maxlen=LIMIT))
            self._known.move_to_end(who)
            again = any(seen == what and moment - when < SAME_TRY_S for when, seen in tries)
            if not again:
                tries.append((moment, what))
            if len(self._known) > _MAX_KNOWN:
                self._known.popitem(last=False)
        if not again:
            self._record(account, address)

    def _mark(self, *words: str) -> bytes:
        """Shorten what somebody typed, so that it takes little room and cannot be read back."""
        return hmac.digest(self._key, "\0".join(words).encode(), "sha256")[:16]
