"""Passwords that were right a moment ago, so that one push pays for one expensive hash.

What is kept is a hash under a key that only this process has, of user, password and the stored
hash together: a new password, like a restart, makes it worthless.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from portus_auth.storage.facts import Account

REMEMBERED_S: Final = 600
_MAX_REMEMBERED: Final = 10_000


PasswordCheck = Callable[[str | None, str], bool]
"""Compare a stored hash and a password (`usecases.passwords.Passwords.matches`)."""


class VerifiedPasswords:
    """Ask `check` once for each right password in ten minutes."""

    def __init__(self, check: PasswordCheck, clock: Callable[[], float] = time.monotonic) -> None:
        self._check = check
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._right_until: dict[bytes, float] = {}
        self._running: dict[bytes, Future[bool]] = {}
        self._lock = threading.Lock()

    def matches(self, account: Account | None, password: str) -> bool:
        """Tell whether `password` is this account's; no account takes as long as a wrong one."""
        if account is None or account.bot or account.password_hash is None:
            return self._check(None, password)
        proof = self._proof(account.id, account.password_hash, password)
        return self._is_remembered(proof) or self._verify_once(
            proof, account.password_hash, password
        )

    def remembers(self, account: Account, password: str) -> bool:
        """Tell whether `password` was right in the last ten minutes; costs little."""
        if account.bot or account.password_hash is None:
            return False
        return self._is_remembered(self._proof(account.id, account.password_hash, password))

    def _verify_once(self, proof: bytes, password_hash: str, password: str) -> bool:
        """Let requests that come together, as those of one push do, wait for one answer."""
        mine: Future[bool] = Future()
        with self._lock:
            if self._is_remembered(proof):
                return True
            running = self._running.setdefault(proof, mine)
        if running is not mine:
            return running.result()
        try:
            right = self._check(password_hash, password)
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            if right:
                self._remember(proof)
            mine.set_result(right)
            return right
        finally:
            with self._lock:
                del self._running[proof]

    def _is_remembered(self, proof: bytes) -> bool:
        return self._right_until.get(proof, 0.0) > self._clock()

    def _remember(self, proof: bytes) -> None:
        with self._lock:
            if len(self._right_until) >= _MAX_REMEMBERED:
                self._right_until.clear()
            self._right_until[proof] = self._clock() + REMEMBERED_S

    def _proof(self, account_id: int, password_hash: str, password: str) -> bytes:
        said = f"{account_id}\0{password_hash}\0{password}".encode()
        return hmac.digest(self._key, said, "sha256")
