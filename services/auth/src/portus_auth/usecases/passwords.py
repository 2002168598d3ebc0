"""Passwords: argon2id on one thread per process, behind a short queue.

One check costs about 20 ms of processor and 19 MiB. On a thread of its own a storm of sign-ins
slows other requests little; a full queue answers `TooMany` rather than grow.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from prometheus_client import Gauge

from portus_shared.errors import TooMany

P = ParamSpec("P")
R = TypeVar("R")

# Fewer than the server has threads, so that a storm of sign-ins leaves some for other requests.
_QUEUE: Final = 8
# OWASP's parameters; the memory is in KiB.
_ARGON2ID: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_waiting = Gauge("portus_passwords_waiting", "Passwords being hashed or checked, or in the queue")


class Passwords:
    """Hash and check passwords."""

    def __init__(self, queue: int = _QUEUE) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2")
        self._places = threading.BoundedSemaphore(queue)
        self._nobodys = self.hash("the password of nobody")

    def hash(self, password: str) -> str:
        """Return argon2id's text for a new password; raises `TooMany`."""
        return self._queued(_ARGON2ID.hash, password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Tell whether a password is the right one; None never is. Raises `TooMany`.

        Without a hash the same work is done, so that time does not tell whether a name exists.
        """
        right = self._queued(_matches, password_hash or self._nobodys, password)
        return right and password_hash is not None

    def close(self) -> None:
        """End the thread."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _queued(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        if not self._places.acquire(blocking=False):
            raise TooMany("Too many passwords are being checked, try again in a moment")
        try:
            with _waiting.track_inprogress():
                return self._executor.submit(work, *args, **kwargs).result()
        finally:
            self._places.release()


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _ARGON2ID.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
