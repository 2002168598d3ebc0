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

from portus_shared.addresses import site_of
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

    `of_address` is how many one address may have with all accounts together within a minute, 0 for
    any number: who tries one password with every name fails once with each. `record` is called
    with the account and the address of each failure that counts.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        record: Callable[[str, str], None] = _forget,
        *,
        of_address: int = 0,
    ) -> None:
        self._clock = clock
        self._record = record
        self._of_address = of_address
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, deque[tuple[float, bytes]]] = OrderedDict()

    def demand_patience(self, account: str, address: str) -> None:
        """Raise `TooMany` while there were too many, with this account or from this address."""
        with self._lock:
            firsts = [self._first_of(*each) for each in self._counted(account, address)]
        wait_s = max(firsts) + WINDOW_S - self._clock()
        if wait_s > 0:
            message = "Too many failed sign-ins, try again in a minute"
            raise TooMany(message, retry_after_s=math.ceil(wait_s))

    def note(self, account: str, address: str, secret: str) -> None:
        """Count one failure, unless the same wrong secret was counted within two seconds."""
        what, moment = self._mark(account, secret), self._clock()
        with self._lock:
            new = [
                self._add(who, limit, what, moment)
                for who, limit in self._counted(account, address)
            ]
            self._forget_old(moment)
        if new[0]:
            self._record(account, address)

    def _counted(self, account: str, address: str) -> list[tuple[bytes, int]]:
        """Return under which marks failures are counted, and how many of each there may be."""
        site = site_of(address)
        both = (self._mark(account, site), LIMIT)
        everybody = (self._mark(site), self._of_address)
        return [both, everybody] if site and self._of_address else [both]

    def _first_of(self, who: bytes, limit: int) -> float:
        """Return when the first of too many failures was."""
        tries = self._known.get(who)
        return tries[0][0] if tries and len(tries) == limit else -math.inf

    def _add(self, who: bytes, limit: int, what: bytes, moment: float) -> bool:
        tries = self._known.setdefault(who, deque(maxlen=limit))
        self._known.move_to_end(who)
        again = any(seen == what and moment - when < SAME_TRY_S for when, seen in tries)
        if not again:
            tries.append((moment, what))
        return not again

    def _forget_old(self, moment: float) -> None:
        """Drop whose last failure no longer counts, and the oldest of too many."""
        while self._known:
            tries = next(iter(self._known.values()))
            if len(self._known) <= _MAX_KNOWN and moment - tries[-1][0] < WINDOW_S:
                return
            self._known.popitem(last=False)

    def _mark(self, *words: str) -> bytes:
        """Shorten what somebody typed, so that it takes little room and cannot be read back."""
        return hmac.digest(self._key, "\0".join(words).encode(), "sha256")[:16]
