"""Sign-ins: a browser session of ui is a handle here, which can be revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain.secrets import KeyedHash, new_handle
from portus_auth.storage import sign_ins, users
from portus_auth.storage.tables import SignIn
from portus_auth.usecases.credentials import Claim, is_active
from portus_shared.clock import now
from portus_shared.errors import Unauthenticated

LIFETIME: Final = timedelta(hours=12)
REMEMBERED: Final = timedelta(days=30)
_TEXT_MAX: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Where somebody signs in from, for the list of their sign-ins."""

    address: str
    user_agent: str
    remember: bool


def create_sign_in(
    session: Session, hashes: KeyedHash, claim: Claim, browser: Browser
) -> tuple[str, SignIn]:
    """Open a sign-in for somebody whose password was just right; return its handle with it.

    Raises `Unauthenticated` when the account or its password has changed since.
    """
    user_id = claim.actor.user_id if claim.actor else None
    user = users.locked_by_id(session, user_id or 0)
    if user is None or not is_active(user) or user.password_hash != claim.password_hash:
        raise Unauthenticated
    moment, handle = now(), new_handle()
    row = SignIn(
        handle_hash=hashes.of(handle),
        user=user,
        address=browser.address[:_TEXT_MAX],
        user_agent=browser.user_agent[:_TEXT_MAX],
        created_at=moment,
        expires_at=moment + (REMEMBERED if browser.remember else LIFETIME),
    )
    session.add(row)
    user.last_sign_in_at = user.current_sign_in_at or moment
    user.current_sign_in_at = moment
    sign_ins.forget_expired(session)
    session.flush()
    return handle, row


def revoke_sign_in(session: Session, hashes: KeyedHash, handle: str) -> None:
    """End a sign-in; one that is over already stays over."""
    found = sign_ins.by_handle_hash(session, hashes.of(handle))
    if found is not None:
        found.revoked_at = now()
