"""Queries for sign-ins, set-up codes and the key of keyed hashes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, delete, exists, select, update
from sqlalchemy.orm import Session, joinedload

from portus_auth.domain.secrets import new_hash_key
from portus_auth.storage.tables import HashKey, SetupCode, SignIn
from portus_shared.clock import now
from portus_shared.db import insert_ignore


def by_handle_hash(session: Session, handle_hash: str) -> SignIn | None:
    """Find a sign-in that is neither over nor revoked, with its account."""
    return session.scalar(_open().where(SignIn.handle_hash == handle_hash))


def open_of(session: Session, user_id: int) -> Sequence[SignIn]:
    """List a user's sign-ins that are neither over nor revoked, the newest first."""
    theirs = _open().where(SignIn.user_id == user_id)
    return session.scalars(theirs.order_by(SignIn.created_at.desc(), SignIn.id.desc())).all()


def open_by_id(session: Session, sign_in_id: int) -> SignIn | None:
    """Find a sign-in that is neither over nor revoked by its id."""
    return session.scalar(_open().where(SignIn.id == sign_in_id))


def revoke_all_of(session: Session, user_id: int) -> None:
    """End everything a user is signed in with."""
    open_ones = update(SignIn).where(SignIn.user_id == user_id, SignIn.revoked_at.is_(None))
    session.execute(open_ones.values(revoked_at=now()))


def setup_code_exists(session: Session, code_hash: str) -> bool:
    """Tell whether a set-up code was printed and is still good."""
    return bool(session.scalar(select(exists().where(SetupCode.code_hash == code_hash))))


def forget_setup_codes(session: Session) -> None:
    """Make every printed set-up code void."""
    session.execute(delete(SetupCode))


def hash_key(session: Session) -> bytes:
    """Return the key of this installation's keyed hashes, making it when there is none."""
    fresh = {"id": 1, "key": new_hash_key()}
    insert_ignore(session, HashKey.__table__, [fresh])
    return bytes.fromhex(session.scalars(select(HashKey.key)).one())


def _open() -> Select[SignIn]:
    return (
        select(SignIn)
        .where(SignIn.revoked_at.is_(None), SignIn.expires_at > now())
        .options(joinedload(SignIn.user))
    )
