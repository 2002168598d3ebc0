"""How facts in memory follow the tables.

The next snapshot is made from the rows that have a newer revision and shares every map that stayed
the same. A deletion is a row with `deleted_at`, so nothing needs to be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from portus_auth.domain.policy import NamespaceFacts
from portus_auth.domain.roles import Role
from portus_auth.storage import rules
from portus_auth.storage.entries import Account, RefreshFacts, RegistryFacts, RobotFacts, TokenFacts
from portus_auth.storage.snapshot import Snapshot
from portus_auth.storage.tables import (
    ApplicationToken,
    Namespace,
    RefreshToken,
    Registry,
    Robot,
    TeamMember,
    User,
)
from portus_shared.clock import current_revision

Rows = Iterable[Row[*tuple[Any, ...]]]


def updated(snapshot: Snapshot, session: Session) -> Snapshot:
    """Return the snapshot that the database says now, or the same one if nothing changed.

    One query when nothing changed. A database whose clock went back was restored from a backup:
    then nothing in memory counts.
    """
    revision = current_revision(session)
    if revision == snapshot.revision:
        return snapshot
    old = snapshot if revision > snapshot.revision else Snapshot()
    accounts, account_ids = _accounts(old, _newer(session, _USERS, User.revision, old))
    return Snapshot(
        revision=revision,
        accounts=accounts,
        account_ids=account_ids,
        tokens=_tokens(old, _newer(session, _TOKENS, ApplicationToken.revision, old)),
        refresh_tokens=_refresh_tokens(
            old, _newer(session, _REFRESH_TOKENS, RefreshToken.revision, old)
        ),
        roles=_roles(old, _newer(session, _MEMBERS, TeamMember.revision, old)),
        namespaces=_namespaces(
            old, accounts, _newer(session, _NAMESPACES, Namespace.revision, old)
        ),
        registries=_registries(session),
        robots=_robots(old, _newer(session, _ROBOTS, Robot.revision, old)),
        rules=rules.current(session),
    )


_USERS = select(
    User.id,
    User.username,
    User.username_key,
    User.email_key,
    User.password_hash,
    User.admin,
    User.enabled,
    User.bot,
    User.robot,
    User.deleted_at,
)
_TOKENS = select(
    ApplicationToken.id,
    ApplicationToken.token_hash,
    ApplicationToken.user_id,
    ApplicationToken.scopes,
    ApplicationToken.expires_at,
    ApplicationToken.deleted_at,
)
_REFRESH_TOKENS = select(
    RefreshToken.id,
    RefreshToken.user_id,
    RefreshToken.registry_id,
    RefreshToken.token_hash,
    RefreshToken.password_mark,
    RefreshToken.used_at,
    RefreshToken.deleted_at,
    ApplicationToken.token_hash.label("application_token_hash"),
).outerjoin(ApplicationToken, ApplicationToken.id == RefreshToken.application_token_id)
_MEMBERS = select(TeamMember.user_id, TeamMember.team_id, TeamMember.role, TeamMember.deleted_at)
_NAMESPACES = select(
    Namespace.registry_id,
    Namespace.name,
    Namespace.visibility,
    Namespace.team_id,
    Namespace.is_global,
    Namespace.owner_id,
    Namespace.deleted_at,
)


_ROBOTS = select(Robot.user_id, Robot.namespace_id, Robot.permissions, Robot.deleted_at)


def _newer(session: Session, rows: Select[*tuple[Any, ...]], revision: Any, old: Snapshot) -> Rows:
    return session.execute(rows.where(revision > old.revision)).all()


def _accounts(old: Snapshot, rows: Rows) -> tuple[Mapping[int, Account], Mapping[str, int]]:
    if not rows:
        return old.accounts, old.account_ids
    accounts, ids = dict(old.accounts), dict(old.account_ids)
    for row in rows:
        former = accounts.pop(row.id, None)
        for key in former.keys if former else ():
            ids.pop(key, None)
    for row in rows:
        if row.deleted_at is None:
            accounts[row.id] = account = _account(row)
            ids.update(dict.fromkeys(account.keys, account.id))
    return accounts, ids


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(
        id=row.id,
        username=row.username,
        keys=tuple(key for key in (row.username_key, row.email_key) if key),
        password_hash=row.password_hash,
        admin=row.admin,
        enabled=row.enabled,
        bot=row.bot,
        robot=row.robot,
    )


def _tokens(old: Snapshot, rows: Rows) -> Mapping[str, TokenFacts]:
    if not rows:
        return old.tokens
    tokens = dict(old.tokens)
    for row in rows:
        tokens.pop(row.token_hash, None)
        if row.deleted_at is None:
            tokens[row.token_hash] = TokenFacts(
                id=row.id,
                user_id=row.user_id,
                scopes=row.scopes,
                expires_at_s=row.expires_at.timestamp() if row.expires_at else None,
            )
    return tokens


def _refresh_tokens(old: Snapshot, rows: Rows) -> Mapping[str, RefreshFacts]:
    if not rows:
        return old.refresh_tokens
    tokens = dict(old.refresh_tokens)
    for row in rows:
        tokens.pop(row.token_hash, None)
        if row.deleted_at is None:
            tokens[row.token_hash] = RefreshFacts(
                id=row.id,
                user_id=row.user_id,
                registry_id=row.registry_id,
                application_token_hash=row.application_token_hash,
                password_mark=row.password_mark,
                used_at_s=row.used_at.timestamp(),
            )
    return tokens


def _robots(old: Snapshot, rows: Rows) -> Mapping[int, RobotFacts]:
    if not rows:
        return old.robots
    robots = dict(old.robots)
    for row in rows:
        robots.pop(row.user_id, None)
        if row.deleted_at is None:
            is_global = row.namespace_id is None
            robots[row.user_id] = RobotFacts(permissions=row.permissions, is_global=is_global)
    return robots


def _roles(old: Snapshot, rows: Rows) -> Mapping[int, Mapping[int, Role]]:
    if not rows:
        return old.roles
    fresh: dict[int, dict[int, Role]] = {}
    for row in rows:
        own = fresh.setdefault(row.user_id, dict(old.roles.get(row.user_id, {})))
        if row.deleted_at is None:
            own[row.team_id] = row.role
        else:
            own.pop(row.team_id, None)
    return {**old.roles, **fresh}


def _namespaces(
    old: Snapshot, accounts: Mapping[int, Account], rows: Rows
) -> Mapping[tuple[int, str], NamespaceFacts]:
    if not rows:
        return old.namespaces
    namespaces = dict(old.namespaces)
    for row in rows:
        key = (row.registry_id, row.name)
        namespaces.pop(key, None)
        if row.deleted_at is None:
            owner = accounts.get(row.owner_id)
            namespaces[key] = NamespaceFacts(
                visibility=row.visibility,
                team_id=row.team_id,
                is_global=row.is_global,
                personal_owner=owner.username if owner else None,
                name=row.name,
            )
    return namespaces


def _registries(session: Session) -> Mapping[str, RegistryFacts]:
    alive = select(Registry.id, Registry.name, Registry.external_host).where(
        Registry.deleted_at.is_(None)
    )
    rows = session.execute(alive)
    return {host: RegistryFacts(id=id_, name=name, external_host=host) for id_, name, host in rows}
