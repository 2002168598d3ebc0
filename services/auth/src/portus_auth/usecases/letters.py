"""Letters with which people set a forgotten password: asked for at the door, sent by a loop.

Whoever asks is answered the same, and as fast, whether anybody has that name: who is meant is
looked up when the letter is to be sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain.secrets import KeyedHash
from portus_auth.storage import letters, users
from portus_auth.storage.tables import Letter, User
from portus_auth.usecases import audit
from portus_auth.usecases.credentials import is_active
from portus_auth.usecases.own_account import new_reset
from portus_shared.clock import now
from portus_shared.errors import NotFound, TooMany

MAX_WAITING: Final = 1000
MAX_AN_HOUR: Final = 3
"""How many letters one account gets within an hour; what is asked beyond that is dropped."""

MAX_ATTEMPTS: Final = 8
LIFETIME: Final = timedelta(hours=6)
"""How long the link in a letter works, as in the original."""

_FIRST_PAUSE_S: Final = 30
_LAST_PAUSE_S: Final = 4 * 3600
_HOUR: Final = timedelta(hours=1)
_TEXT_MAX: Final = 255


class NoMail(NotFound):
    """Say that this installation sends no letters."""

    code = "no-mail"
    default_message = "This Portus sends no mail; an admin can give out a link instead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """A letter that is about to be sent: to which address, to whom, and with which token."""

    id: int
    to: str
    username: str
    token: str


def ask_for_reset(session: Session, login: str, address: str) -> None:
    """Have a letter sent to whoever has this name or address, if anybody does."""
    if letters.count_waiting(session) >= MAX_WAITING:
        raise TooMany("Too many letters are waiting, try again later", retry_after_s=60)
    moment = now()
    session.add(
        Letter(
            login=login.strip()[:_TEXT_MAX],
            address=address[:_TEXT_MAX],
            asked_at=moment,
            due_at=moment,
            attempts=0,
            outcome="",
            reason="",
        )
    )


def take_due(session: Session, hashes: KeyedHash) -> Addressed | None:
    """Take the next letter that can be sent; those to nobody are dropped on the way.

    It is due again later, should this attempt never be heard of again.
    """
    moment = now()
    while (letter := letters.take_due(session, moment)) is not None:
        user = users.by_login(session, letter.login)
        if user is None or not user.email or not _may_have(session, user, letter, moment):
            session.delete(letter)
            session.flush()
            continue
        letter.user_id = user.id
        letter.attempts += 1
        letter.due_at = moment + timedelta(seconds=pause_s(letter.attempts))
        session.flush()
        token = new_reset(hashes, user, LIFETIME).token
        return Addressed(id=letter.id, to=user.email, username=user.username, token=token)
    return None


def note_sent(session: Session, addressed: Addressed) -> None:
    """Record that a letter has gone."""
    _end(session, addressed, "sent", "")


def note_failed(session: Session, addressed: Addressed, reason: str, *, final: bool) -> bool:
    """Record that an attempt failed; tell whether it was the last one."""
    letter = letters.by_id(session, addressed.id)
    if letter is not None:
        letter.reason = reason[:_TEXT_MAX]
        final = final or letter.attempts >= MAX_ATTEMPTS
    if final:
        _end(session, addressed, "failed", reason)
    return final


def text_of(addressed: Addressed, public_url: str) -> tuple[str, str]:
    """Return the subject and the text of a letter."""
    hours = int(LIFETIME.total_seconds()) // 3600
    subject = f"A new password for {addressed.username}"
    return subject, (
        f"Somebody, probably you, asked for a new password for {addressed.username} at\n"
        f"{public_url}\n\n"
        f"Choose one here, within {hours} hours:\n\n"
        f"{public_url}/reset#{addressed.token}\n\n"
        "The link works once. If you did not ask for it, do nothing: the password stays as it\n"
        "is. Afterwards sign in to Docker again with the new password.\n"
    )


def pause_s(attempts: int) -> int:
    """Return how long to wait after so many attempts: half a minute, then four times as long."""
    return int(min(_FIRST_PAUSE_S * 4 ** (attempts - 1), _LAST_PAUSE_S))


def _may_have(session: Session, user: User, letter: Letter, moment: datetime) -> bool:
    recent = letters.count_to(session, user.id, moment - _HOUR, besides=letter.id)
    return is_active(user) and not user.bot and recent < MAX_AN_HOUR


def _end(session: Session, addressed: Addressed, outcome: str, reason: str) -> None:
    letter = letters.by_id(session, addressed.id)
    if letter is not None:
        letter.outcome, letter.reason, letter.ended_at = outcome, reason[:_TEXT_MAX], now()
        letter.login = ""
    action = "user.send_reset" if outcome == "sent" else "user.fail_to_send_reset"
    audit.note(session, action, f"user {addressed.username}")
