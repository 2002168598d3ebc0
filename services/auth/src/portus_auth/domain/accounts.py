"""Rules for user names, e-mail addresses, passwords, and the names derived from them."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from portus_auth.domain.common_passwords import is_common
from portus_shared.names import is_namespace_name

USERNAME_MAX: Final = 128
EMAIL_MAX: Final = 254
PASSWORD_MIN: Final = 8
PASSWORD_MAX: Final = 128
_PERSONAL_MAX: Final = 240
_FORBIDDEN: Final = ':/@,"\\'
# No comment, list or quoting of RFC 5322: nothing that could make two addresses of one.
_email: Final = re.compile(r"[^@\s()<>\[\]:;,\\\"]+@[^@\s()<>\[\]:;,\\\"]+")
_not_alphanumeric: Final = re.compile(r"[^a-z0-9]+")
_separator: Final = re.compile(r"\.|_|__|-+")


def fold(text: str) -> str:
    """Return the form in which two spellings of one user name or address are equal."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Folding can decompose, and normalising can make spaces: folding twice must change nothing.
    return unicodedata.normalize("NFKC", folded).strip()


def faults_of_username(username: str) -> list[str]:
    """Say what is wrong with a new user name.

    A leading `_` is reserved for services; `:` would split Basic credentials; `@` would let a
    name pass for somebody's address.
    """
    if not username:
        return ["can't be blank"]
    faults = []
    if len(username) > USERNAME_MAX:
        faults.append(f"is too long (maximum is {USERNAME_MAX} characters)")
    if any(char in _FORBIDDEN or not char.isprintable() or char.isspace() for char in username):
        faults.append('cannot contain spaces or any of : / @ , " \\')
    if username.startswith("_"):
        faults.append("cannot start with an underscore")
    if not faults and not personal_namespace_base(username):
        faults.append(f"'{username}' cannot be transformed into a valid namespace name")
    return faults


def faults_of_email(email: str) -> list[str]:
    """Say what is wrong with an e-mail address."""
    if not email:
        return ["can't be blank"]
    sound = len(email) <= EMAIL_MAX and email.isprintable() and _email.fullmatch(email)
    return [] if sound else ["is invalid"]


def faults_of_password(password: str) -> list[str]:
    """Say what is wrong with a new password; lengths are in characters."""
    if not password:
        return ["can't be blank"]
    if len(password) < PASSWORD_MIN:
        return [f"is too short (minimum is {PASSWORD_MIN} characters)"]
    if len(password) > PASSWORD_MAX:
        return [f"is too long (maximum is {PASSWORD_MAX} characters)"]
    return ["is too common"] if is_common(password) else []


def personal_namespace_base(username: str) -> str:
    """Turn a user name into a namespace name, or "" where nothing is left of it.

    Accents are dropped, ends are stripped to letters and digits, and every run that is no
    separator of Docker's grammar becomes one `_`; what the grammar allows stays as it is.
    """
    plain = unicodedata.normalize("NFKD", fold(username)).encode("ascii", "ignore").decode()
    stripped = re.sub(r"^[^a-z0-9]+|[^a-z0-9]+$", "", plain)
    name = _not_alphanumeric.sub(_as_separator, stripped)[:_PERSONAL_MAX]
    name = name.rstrip("._-")
    return name if is_namespace_name(name) else ""


def with_suffixes(base: str) -> Iterator[str]:
    """Yield `base`, then `base0`, `base1`, … for when a name is taken."""
    yield base
    for number in itertools.count():
        yield f"{base}{number}"


def _as_separator(run: re.Match[str]) -> str:
    return run[0] if _separator.fullmatch(run[0]) else "_"
