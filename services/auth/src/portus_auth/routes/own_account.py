"""Passwords and addresses: one's own with the present password, those of others as an admin."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, request

from portus_auth.domain.actors import ANONYMOUS, Actor
from portus_auth.routes.answers import entity, nothing
from portus_auth.routes.deps import Deps, author, origin_of
from portus_auth.schemas.users import (
    EmailSchema,
    EnabledSchema,
    PasswordSchema,
    ResetSchema,
    UsedResetSchema,
    UserSchema,
)
from portus_auth.usecases import accounts, own_account
from portus_auth.usecases.accounts import UserChange
from portus_auth.usecases.credentials import Claim
from portus_shared.errors import Unauthenticated
from portus_shared.web.body import load
from portus_shared.web.openapi import Operation, described

_ID: Final = "<int(max=2147483647):user_id>"


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("own_account", __name__, url_prefix="/api/v1/users")
    _add_changes(routes, deps)
    _add_resets(routes, deps)
    return routes


def _add_changes(routes: Blueprint, deps: Deps) -> None:
    @routes.put(f"/{_ID}/password")
    @described(Operation(summary="Change a password", takes=PasswordSchema(), status=204))
    def change_password(user_id: int) -> Response:
        actor = deps.caller(request)
        given = load(PasswordSchema(), request)
        claim = _claim(deps, actor, user_id, given["current_password"])
        password_hash = accounts.hash_new(deps.secrets.passwords, given["password"])
        change = UserChange(password_hash=password_hash)
        with deps.write(author(actor, request)) as session:
            own_account.edit_account(session, actor, user_id, change, claim)
        return nothing()

    @routes.put(f"/{_ID}/email")
    @described(Operation(summary="Change an address", takes=EmailSchema(), gives=UserSchema()))
    def change_email(user_id: int) -> Response:
        actor = deps.caller(request)
        given = load(EmailSchema(), request)
        claim = _claim(deps, actor, user_id, given["current_password"])
        change = UserChange(email=given["email"])
        with deps.write(author(actor, request)) as session:
            user = own_account.edit_account(session, actor, user_id, change, claim)
            return entity(UserSchema(), user)

    @routes.put(f"/{_ID}/enabled")
    @described(
        Operation(
            summary="Disable one's own account, or as an admin another, and enable it again",
            takes=EnabledSchema(),
            gives=UserSchema(),
        )
    )
    def change_enabled(user_id: int) -> Response:
        actor = deps.caller(request)
        given = load(EnabledSchema(), request)
        claim = _claim(deps, actor, user_id, given["current_password"])
        change = UserChange(enabled=given["enabled"])
        with deps.write(author(actor, request)) as session:
            user = own_account.edit_account(session, actor, user_id, change, claim)
            return entity(UserSchema(), user)


def _add_resets(routes: Blueprint, deps: Deps) -> None:
    @routes.post(f"/{_ID}/password_resets")
    @described(
        Operation(summary="Let somebody set their password", gives=ResetSchema(), status=201)
    )
    def issue_reset(user_id: int) -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            given = own_account.issue_reset(session, actor, deps.secrets.hashes, user_id)
        return entity(ResetSchema(), given, HTTPStatus.CREATED)

    @routes.post("/password_resets")
    @described(
        Operation(
            summary="Set a password with a reset token",
            takes=UsedResetSchema(),
            status=204,
            public=True,
        )
    )
    def use_reset() -> Response:
        given, hashes = load(UsedResetSchema(), request), deps.secrets.hashes
        # Asked before the expensive hash, and again under the lock.
        with deps.read() as session:
            own_account.check_reset(session, hashes, given["token"])
        hashed = accounts.hash_new(deps.secrets.passwords, given["password"])
        with deps.write(author(ANONYMOUS, request)) as session:
            own_account.reset_password(session, hashes, given["token"], hashed)
        return nothing()


def _claim(deps: Deps, actor: Actor, user_id: int, password: str | None) -> Claim | None:
    """Return whose password was shown, which one's own account needs; failures count."""
    if not own_account.demand_may_edit(actor, user_id):
        return None
    try:
        return deps.of_password(actor.name, password or "", origin_of(request))[1]
    except Unauthenticated as error:
        raise own_account.wrong_password() from error
