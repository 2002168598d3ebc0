"""Secrets that auth gives out, and the keyed hash under which it remembers them.

All of them are random with at least 100 bits, so one HMAC is enough; passwords, which people
choose, are `usecases.passwords`' matter.
"""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256
from typing import Final

from portus_shared.errors import Unavailable

TOKEN_PREFIX: Final = "ptk_"  # noqa: S105 - a mark, not a secret
REFRESH_PREFIX: Final = "prt_"
RESET_PREFIX: Final = "prp_"
_reset_token: Final = re.compile(r"prp_([0-9]{1,9})-([0-9]{1,12})-([0-9a-f]{64})")
_PREFIX_SHOWN: Final = len(TOKEN_PREFIX) + 4
_CODE_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class KeyedHash:
    """HMAC-SHA-256 with auth's own key: useless to somebody who only has the database's rows.

    The key may come later, with `learn`: it can lie in a database that does not answer yet.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes = b"") -> None:
        self._key = key

    @property
    def key(self) -> bytes:
        """The key itself, empty while it is not known."""
        return self._key

    def learn(self, key: bytes) -> None:
        """Use this key from now on."""
        self._key = key

    def of(self, secret: str) -> str:
        """Return the hash in hexadecimal, 64 characters; `Unavailable` while there is no key."""
        if not self._key:
            message = "The key of the tokens' hashes is in the database, which does not answer"
            raise Unavailable(message, missing="database")
        return hmac.new(self._key, secret.encode(), sha256).hexdigest()

    @staticmethod
    def equal(shown: str, expected: str) -> bool:
        """Compare two hashes in constant time."""
        return hmac.compare_digest(shown.encode(), expected.encode())


def new_hash_key() -> str:
    """Return a fresh key for keyed hashes."""
    return secrets.token_hex(32)


def new_application_token() -> str:
    """Return `ptk_` and 43 URL-safe characters: 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def is_application_token(secret: str) -> bool:
    """Tell whether a secret has an application token's form, and so is never a password."""
    return secret.startswith(TOKEN_PREFIX)


def shown_prefix(token: str) -> str:
    """Return the part of an application token that may be shown later."""
    return token[:_PREFIX_SHOWN]


def new_refresh_token() -> str:
    """Return `prt_` and 43 URL-safe characters: 256 random bits."""
    return REFRESH_PREFIX + secrets.token_urlsafe(32)


def mark_of_password(hashes: KeyedHash, password_hash: str) -> str:
    """Return what tells later whether a stored password is still the same one."""
    return hashes.of(f"password {password_hash}")


def reset_token(user_id: int, expires_at_s: int, mark: str) -> str:
    """Write what lets somebody set their password; `mark` is a keyed hash of all of it."""
    return f"{RESET_PREFIX}{user_id}-{expires_at_s}-{mark}"


def split_reset_token(token: str) -> tuple[int, int, str]:
    """Return account, seconds since the epoch and mark; what cannot be read fits nobody."""
    parts = _reset_token.fullmatch(token.strip())
    return (int(parts[1]), int(parts[2]), parts[3]) if parts else (0, 0, "")


def new_handle() -> str:
    """Return the handle of a sign-in: 256 random bits."""
    return secrets.token_urlsafe(32)


def new_setup_code() -> str:
    """Return a set-up code as people type it: four groups of five, 100 random bits."""
    groups = ["".join(secrets.choice(_CODE_ALPHABET) for _ in range(5)) for _ in range(4)]
    return "-".join(groups)


def normalized_setup_code(typed: str) -> str:
    """Return a typed set-up code as it was printed: case and spacing do not count."""
    letters = "".join(char for char in typed.upper() if char.isalnum())
    return "-".join(letters[start : start + 5] for start in range(0, len(letters), 5))
