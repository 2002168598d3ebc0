"""Browser sessions: opened at sign-in, found by cookie, ended by time or sign-out.

The cookie is 256 random bits; only its SHA-256 is stored, so reading the table gives nobody a
session.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portus_ui.domain.lifetimes import Lifetime, end_of
from portus_ui.domain.viewer import SignIn
from portus_ui.storage import sessions
from portus_ui.storage.tables import BrowserSession


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSession:
    """A session that is alive; `wants_touch` when its last use should be written."""

    cookie_hash: str
    handle: str
    username: str
    wants_touch: bool


def open_session(session: Session, sign_in: SignIn, *, remembered: bool, moment: datetime) -> str:
    """Keep a new session and return its cookie value; sweeps out expired ones."""
    sessions.remove_expired(session, moment)
    cookie = secrets.token_urlsafe(32)
    session.add(
        BrowserSession(
            cookie_hash=hash_of(cookie),
            handle=sign_in.handle,
            username=sign_in.username,
            remembered=remembered,
            seen_at=moment,
            expires_at=min(sign_in.expires_at, end_of(moment, remembered=remembered)),
        )
    )
    return cookie


def find_session(session: Session, cookie: str, moment: datetime) -> KnownSession | None:
    """Return the living session that the cookie opens."""
    kept = sessions.find(session, hash_of(cookie))
    if kept is None:
        return None
    lifetime = Lifetime(
        seen_at=kept.seen_at, expires_at=kept.expires_at, remembered=kept.remembered
    )
    if lifetime.is_over(moment):
        return None
    return KnownSession(
        cookie_hash=kept.cookie_hash,
        handle=kept.handle,
        username=kept.username,
        wants_touch=lifetime.wants_touch(moment),
    )


def close_session(session: Session, cookie: str) -> str | None:
    """Forget the session of the cookie; return the handle of auth's sign-in, if there was one."""
    kept = sessions.find(session, hash_of(cookie))
    sessions.remove(session, hash_of(cookie))
    return kept.handle if kept else None


def hash_of(cookie: str) -> str:
    """Return what a cookie is kept under."""
    return hashlib.sha256(cookie.encode()).hexdigest()
