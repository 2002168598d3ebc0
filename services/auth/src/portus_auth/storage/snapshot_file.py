"""The facts on disk, for a start while the database is away.

The file is sealed (AES-256-GCM) with a key that is derived from the authority's private one,
which auth needs anyway to sign anything: who can read that can sign any token, and to everybody
else the file says nothing and cannot be changed unnoticed. It holds hashes and no plain secret.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portus_auth.storage.snapshot import Snapshot
from portus_shared import logs

PURPOSE: Final = "portus auth facts snapshot"
"""What the key of the seal is derived for."""

_MAGIC: Final = b"portus-facts-1\n"
_NONCE_BYTES: Final = 12
# Clocks of machines that share a file may differ; a file from a later future was tampered with,
# or the clock was, and its age cannot be told.
_FUTURE_S: Final = 60.0
_ABANDONED_S: Final = 3600.0

_log = logs.logger(__name__)


class UnusableSnapshot(Exception):
    """Say why the file cannot be started from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the database last said, when it said so (seconds since the epoch), and the hash key.

    `hash_key` is empty where a setting gives it.
    """

    confirmed_at_s: float
    hash_key: bytes
    snapshot: Snapshot


class SnapshotFile:
    """Keep facts in `path`; `key` is 32 bytes, `clock` counts seconds since the epoch."""

    def __init__(self, path: Path, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._cipher = AESGCM(key)
        self._clock = clock

    def save(self, kept: Kept) -> None:
        """Replace the file at once or not at all; only its owner may read it. Raises `OSError`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, msgspec.msgpack.encode(kept), _MAGIC + shape())
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=self._path.parent, prefix=self._draft_prefix)
        try:
            with os.fdopen(descriptor, "wb") as stream:  # mkstemp makes it 0600
                stream.write(_MAGIC + nonce + sealed)
                stream.flush()
                os.fsync(stream.fileno())
            Path(draft).replace(self._path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        _sync_directory(self._path.parent)

    def load(self, max_age_s: float) -> Kept:
        """Return what was kept; raise `UnusableSnapshot` when it cannot be trusted any more."""
        self._remove_abandoned_drafts()
        kept = self._opened()
        age_s = self.age_s(kept)
        if age_s > max_age_s:
            raise UnusableSnapshot(f"it is {age_s:.0f} s old, and {max_age_s:.0f} s are allowed")
        if age_s < -_FUTURE_S:
            raise UnusableSnapshot("it comes from the future")
        return kept

    def age_s(self, kept: Kept) -> float:
        """Return how long ago the database said what was kept."""
        return self._clock() - kept.confirmed_at_s

    def _opened(self) -> Kept:
        try:
            content = self._path.read_bytes()
        except OSError as error:
            raise UnusableSnapshot(f"it cannot be read: {error.strerror}") from error
        if not content.startswith(_MAGIC):
            raise UnusableSnapshot("it is of another version")
        start = len(_MAGIC) + _NONCE_BYTES
        try:
            opened = self._cipher.decrypt(
                content[len(_MAGIC) : start], content[start:], _MAGIC + shape()
            )
            return msgspec.msgpack.decode(opened, type=Kept)
        except (InvalidTag, ValueError, msgspec.MsgspecError) as error:
            message = "it is damaged, of another release, or of another authority's key"
            raise UnusableSnapshot(message) from error

    @property
    def _draft_prefix(self) -> str:
        return f".{self._path.name}."

    def _remove_abandoned_drafts(self) -> None:
        """Remove what writers left that were killed half-way."""
        for draft in self._path.parent.glob(f"{self._draft_prefix}*"):
            with suppress(OSError):
                if time.time() - draft.stat().st_mtime > _ABANDONED_S:
                    draft.unlink()


@cache
def shape() -> bytes:
    """Return what changes with any field of what is kept: no release reads another's facts."""
    return hashlib.sha256(repr(msgspec.inspect.type_info(Kept)).encode()).digest()


def _sync_directory(directory: Path) -> None:
    """Make the new name as durable as the content is."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
