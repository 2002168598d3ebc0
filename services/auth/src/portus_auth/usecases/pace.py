"""How often one address may do something that costs others: counted in memory, for an hour."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from portus_shared.addresses import site_of
from portus_shared.errors import TooMany

WINDOW_S: Final = 3600.0
_MAX_KNOWN: Final = 10_000


class Pace:
    """Let one address, or IPv6 network, do something `limit` times an hour, by `clock`."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, deque[float]] = OrderedDict()

    def step(self, address: str) -> None:
        """Count one; raises `TooMany` while there were too many within the last hour."""
        moment, site = self._clock(), site_of(address)
        with self._lock:
            steps = self._known.setdefault(site, deque(maxlen=self._limit))
            self._known.move_to_end(site)
            wait_s = steps[0] + WINDOW_S - moment if len(steps) == self._limit else 0.0
            if wait_s <= 0:
                steps.append(moment)
            if len(self._known) > _MAX_KNOWN:
                self._known.popitem(last=False)
        if wait_s > 0:
            message = "Too many from this address within an hour, try again later"
            raise TooMany(message, retry_after_s=math.ceil(wait_s))
