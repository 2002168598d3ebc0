"""The audit trail: who did what to whom, in the transaction that did it.

Nothing has to remember to record itself: every row that an audited transaction writes is told
with the columns below, before and after. What a column keeps secret is told as changed, no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from portus_auth.domain.actors import SYSTEM, Actor
from portus_auth.domain.rules import SETTINGS
from portus_auth.storage import users
from portus_auth.storage.base import Base
from portus_auth.storage.changes import Change, Changes
from portus_auth.storage.tables import (
    ApplicationToken,
    KeptRules,
    Namespace,
    RefreshToken,
    Registry,
    Robot,
    SignIn,
    Team,
    TeamMember,
    User,
)
from portus_auth.usecases import publish
from portus_shared.scopes import written

_AUTHOR: Final = "author"
_SECRET: Final = {"password_hash": "password"}
_REFERENCES: Final = {"team_id": ("team", Team, "name"), "user_id": ("user", User, "username")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who makes a change, and from which address, where that is known."""

    name: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """How rows of one table are told: by which word, with which columns, and named how."""

    word: str
    columns: tuple[str, ...]
    subject: Callable[[Session, Any], str]
    actions: Mapping[str, str]

    def action(self, change: Change) -> str:
        special = next((self.actions[name] for name in change.before if name in self.actions), "")
        if change.kind == "change" and special:
            return f"{self.word}.{special}"
        return f"{self.word}.{self.actions.get(change.kind, change.kind)}"


def author_of(actor: Actor, address: str | None = None) -> Author:
    """Return an actor as the author of what they change."""
    return Author(name=actor.name or actor.kind, address=address)


AUTH_ITSELF: Final = author_of(SYSTEM)


@contextmanager
def audited(session: Session, author: Author) -> Iterator[None]:
    """Record everything that the block writes, before the transaction ends."""
    changes = Changes(session)
    session.info[_AUTHOR] = author
    yield
    session.flush()
    for change in changes.made():
        _record(session, author, change)


def note(session: Session, action: str, subject: str) -> None:
    """Record what somebody does in an audited transaction that writes no row."""
    author: Author = session.info[_AUTHOR]
    publish.audit_recorded(session, author.name, author.address, action, subject)


def record_failure(session: Session, account: str, address: str) -> None:
    """Record that somebody could not prove to be `account`.

    A name that nobody has is not told: people type passwords there.
    """
    known = users.by_login(session, account) if account else None
    subject = f"user {known.username}" if known else "nobody known"
    author = Author(name="anonymous", address=address or None)
    publish.audit_recorded(session, author.name, author.address, "sign_in.fail", subject)


def _record(session: Session, author: Author, change: Change) -> None:
    told = _told_of(change.row)
    if told is None or _is_part_of_another(session, change):
        return
    row = change.row
    now = {name: getattr(row, name) for name in told.columns}
    was = {**now, **{name: change.before[name] for name in told.columns if name in change.before}}
    if change.kind == "change":
        changed = [name for name in told.columns if now[name] != was[name]]
        was, now = ({name: each[name] for name in changed} for each in (was, now))
    secrets = _secrets_changed(change)
    if not (now or secrets):
        return
    before, after = (_plain(session, values) for values in (was, now))
    publish.audit_recorded(
        session,
        author.name,
        author.address,
        told.action(change),
        told.subject(session, row),
        before=None if change.kind == "create" else before,
        after=None if change.kind == "delete" else {**after, **secrets},
    )


def _is_part_of_another(session: Session, change: Change) -> bool:
    """Tell whether a row comes and goes with another.

    So do hidden teams with their namespace, and accounts with their robot.
    """
    row = change.row
    if isinstance(row, User) and row.robot:
        return change.kind != "change"
    if not isinstance(row, TeamMember):
        return isinstance(row, Team) and row.hidden
    team = session.get(Team, row.team_id)
    return team is None or team.hidden or team.deleted_at is not None


def _secrets_changed(change: Change) -> dict[str, str]:
    if change.kind != "change":
        return {}
    return {label: "changed" for name, label in _SECRET.items() if name in change.before}


def _plain(session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they can be written down, ids as the names they stand for."""
    plain = {}
    for name, value in values.items():
        if name in _REFERENCES:
            label, table, title = _REFERENCES[name]
            plain[label] = getattr(session.get(table, value), title, None)
        else:
            plain[name] = _written(value)
    return plain


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return [written(scope) for scope in value] if isinstance(value, tuple) else value


def _username(session: Session, user_id: int) -> str:
    return getattr(session.get(User, user_id), "username", "nobody known")


def _team(session: Session, member: TeamMember) -> str:
    return f"team {getattr(session.get(Team, member.team_id), 'name', member.team_id)}"


def _of_user(session: Session, row: ApplicationToken | RefreshToken | SignIn) -> str:
    user = session.get(User, row.user_id)
    return _account(session, user) if user else "nobody known"


def _account(_: Session, user: User) -> str:
    return f"{'robot' if user.robot else 'user'} {user.username}"


def _robot(session: Session, robot: Robot) -> str:
    return f"robot {_username(session, robot.user_id)}"


def _told_of(row: Base) -> _Told | None:
    return _ACCOUNT_OF_ROBOT if isinstance(row, User) and row.robot else _TOLD.get(type(row))


_ACCOUNT_OF_ROBOT: Final = _Told("robot", ("enabled",), _account, {})
_TOLD: Final = {
    User: _Told(
        "user",
        ("username", "email", "display_name", "admin", "enabled", "bot"),
        _account,
        {},
    ),
    Team: _Told("team", ("name", "description"), lambda _, row: f"team {row.name}", {}),
    TeamMember: _Told(
        "team",
        ("user_id", "role"),
        _team,
        {"create": "add_member", "delete": "remove_member", "role": "change_member_role"},
    ),
    Namespace: _Told(
        "namespace",
        ("name", "team_id", "visibility", "description", "leftovers"),
        lambda _, row: f"namespace {row.name}",
        {"visibility": "change_visibility", "team_id": "change_team"},
    ),
    Registry: _Told(
        "registry",
        ("name", "url", "external_host"),
        lambda _, row: f"registry {row.name}",
        {},
    ),
    KeptRules: _Told("rules", tuple(SETTINGS), lambda _, __: "rules", {"create": "change"}),
    Robot: _Told("robot", ("description", "permissions"), _robot, {}),
    ApplicationToken: _Told(
        "application_token", ("application", "prefix", "scopes", "expires_at"), _of_user, {}
    ),
    RefreshToken: _Told("docker_login", ("client", "address"), _of_user, {}),
    SignIn: _Told(
        "sign_in", ("address", "user_agent", "revoked_at"), _of_user, {"revoked_at": "revoke"}
    ),
}
