"""The installation's switches, as they are kept for all processes."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.domain.rules import Rules
from portus_auth.storage.tables import KeptRules

_ONLY: Final = 1
_NAMES: Final = tuple(field.name for field in fields(Rules))
_READ: Final = "rules"


def current(session: Session) -> Rules:
    """Return the switches, read once in a transaction; before the first start, the defaults."""
    if _READ not in session.info:
        session.info[_READ] = latest(session)
    rules: Rules = session.info[_READ]
    return rules


def latest(session: Session) -> Rules:
    """Return the switches as they are committed now, whatever was read before."""
    row = session.get(KeptRules, _ONLY, populate_existing=True)
    return Rules(**{name: getattr(row, name) for name in _NAMES}) if row else Rules()


def keep(session: Session, rules: Rules) -> None:
    """Replace the switches."""
    row = session.get(KeptRules, _ONLY)
    if row is None:
        session.add(KeptRules(id=_ONLY, **asdict(rules)))
    for name, value in asdict(rules).items() if row else ():
        setattr(row, name, value)
    session.flush()
    session.info[_READ] = rules
