"""The first start: the registry's row, set-up codes, and the first admin."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portus_auth.domain.secrets import KeyedHash, new_setup_code, normalized_setup_code
from portus_auth.storage import sign_ins, users
from portus_auth.storage.tables import Registry, SetupCode, User
from portus_auth.usecases import publish
from portus_auth.usecases.accounts import NewUser, add_user
from portus_auth.usecases.personal import ensure_global_namespace
from portus_auth.usecases.tokens import GivenToken, NewToken, add_token
from portus_shared.clock import next_revision, now
from portus_shared.errors import Denied, Malformed


class AlreadySetUp(Malformed):
    """Say that the first admin exists: further accounts are made by admins."""

    code = "already-set-up"
    default_message = "Portus has been set up already"


class WrongSetupCode(Denied):
    """Say that the set-up code is not one that was printed."""

    code = "wrong-setup-code"
    default_message = (
        "The set-up code is not right; the newest one is where Portus was started, or in auth's log"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """Where the registry is: `url` for services, `external_host` for people."""

    name: str
    url: str
    external_host: str


def ensure_registry(session: Session, wanted: RegistrySettings) -> Registry:
    """Make the registry's row and its global namespace, or follow settings that have changed.

    What an admin changed since stays until the settings say something that they did not before.
    """
    registry = session.scalar(select(Registry).where(Registry.name == wanted.name))
    if registry is None:
        registry = session.scalar(select(Registry).order_by(Registry.id).limit(1))
    registry = registry or Registry()
    said = json.dumps([wanted.name, wanted.url, wanted.external_host])
    is_news, registry.settings_seen = registry.settings_seen != said, said
    known = (registry.name, registry.url, registry.external_host)
    if is_news and known != (wanted.name, wanted.url, wanted.external_host):
        registry.name, registry.url = wanted.name, wanted.url
        registry.external_host = wanted.external_host
        registry.touch(next_revision(session))
        session.add(registry)
        session.flush()
        publish.registry_changed(session, registry)
    ensure_global_namespace(session, registry)
    return registry


def setup_is_needed(session: Session) -> bool:
    """Tell whether there is no account yet."""
    return not users.anybody_exists(session)


def recall_setup_code(session: Session, hashes: KeyedHash, written: str) -> str | None:
    """Return a code that an earlier start has written down, if it is still good."""
    code = normalized_setup_code(written)
    return code if sign_ins.setup_code_exists(session, hashes.of(code)) else None


def issue_setup_code(session: Session, hashes: KeyedHash) -> str | None:
    """Return a fresh set-up code, remembered as keyed hash; None once there is an account.

    Codes printed by other processes stay good until one has been used.
    """
    if not setup_is_needed(session):
        return None
    code = new_setup_code()
    session.add(SetupCode(code_hash=hashes.of(code), created_at=now()))
    return code


def check_setup_code(session: Session, hashes: KeyedHash, typed: str, *, needs_code: bool) -> None:
    """Raise unless the first admin may be made now by whoever typed this code."""
    if not setup_is_needed(session):
        raise AlreadySetUp
    hashed = hashes.of(normalized_setup_code(typed))
    if needs_code and not sign_ins.setup_code_exists(session, hashed):
        raise WrongSetupCode


def create_first_admin(
    session: Session, hashes: KeyedHash, new: NewUser, typed: str, *, needs_code: bool
) -> tuple[User, GivenToken]:
    """Create the first account, an admin, with an application token named "bootstrap"."""
    # Two at once: the second waits here, and then finds that it is not the first.
    next_revision(session)
    check_setup_code(session, hashes, typed, needs_code=needs_code)
    user = add_user(session, new, admin=True)
    sign_ins.forget_setup_codes(session)
    return user, add_token(session, hashes, user, NewToken(application="bootstrap"))
