"""`/api/v1/users`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, request

from portus_auth.domain.actors import ANONYMOUS
from portus_auth.routes.answers import array, entity, is_set, new_team_of, nothing, wanted_of
from portus_auth.routes.deps import Deps, author, terms_of
from portus_auth.schemas.tokens import GivenTokenSchema
from portus_auth.schemas.users import (
    BootstrapSchema,
    NewUserSchema,
    UserChangeSchema,
    UserSchema,
)
from portus_auth.storage.users import SORTABLE
from portus_auth.usecases import accounts, deletions, installation
from portus_auth.usecases.accounts import UserChange
from portus_shared.web.body import load
from portus_shared.web.openapi import Operation, described

_ID: Final = "<int(max=2147483647):user_id>"


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("users", __name__, url_prefix="/api/v1/users")
    _add_bootstrap(routes, deps)
    _add_accounts(routes, deps)
    _add_changes(routes, deps)
    _add_deletions(routes, deps)
    return routes


def _add_bootstrap(routes: Blueprint, deps: Deps) -> None:
    @routes.post("/bootstrap")
    @described(
        Operation(
            summary="Create the first admin",
            takes=BootstrapSchema(),
            gives=GivenTokenSchema(),
            status=201,
            public=True,
        )
    )
    def bootstrap() -> Response:
        given = load(BootstrapSchema(), request, within="user")
        code, needs_code = given.pop("setup_code"), not deps.door.open_bootstrap
        hashes = deps.secrets.hashes
        # Asked before the expensive hash, and again under the lock.
        with deps.read() as session:
            installation.check_setup_code(session, hashes, code, needs_code=needs_code)
        new = accounts.prepare(deps.secrets.passwords, **given)
        with deps.write(author(ANONYMOUS, request)) as session:
            _, token = installation.create_first_admin(
                session, hashes, new, code, needs_code=needs_code
            )
        deps.after_bootstrap()
        return entity(GivenTokenSchema(), token, HTTPStatus.CREATED)


def _add_accounts(routes: Blueprint, deps: Deps) -> None:
    @routes.get("")
    @described(
        Operation(
            summary="List users",
            gives=UserSchema(many=True),
            paged=True,
            query={"deleted": "true: those whose names are held"},
        )
    )
    def list_users() -> Response:
        actor = deps.caller(request)
        with deps.read() as session:
            found = accounts.list_users(
                session, actor, wanted_of(request, SORTABLE), deleted=is_set(request, "deleted")
            )
            return array(request, UserSchema(), found)

    @routes.post("")
    @described(
        Operation(summary="Create a user", takes=NewUserSchema(), gives=UserSchema(), status=201)
    )
    def create_user() -> Response:
        actor = deps.caller(request)
        accounts.demand_admin(actor)
        given = load(NewUserSchema(), request, within="user")
        new = accounts.prepare(deps.secrets.passwords, **given)
        with deps.write(author(actor, request)) as session:
            user = accounts.create_user(session, actor, new)
            return entity(UserSchema(), user, HTTPStatus.CREATED)

    @routes.get("/<id_or_email>")
    @described(Operation(summary="Show a user by id or e-mail", gives=UserSchema()))
    def show_user(id_or_email: str) -> Response:
        actor = deps.caller(request)
        with deps.read() as session:
            return entity(UserSchema(), accounts.show_user(session, actor, id_or_email))


def _add_changes(routes: Blueprint, deps: Deps) -> None:
    @routes.put(f"/{_ID}")
    @described(Operation(summary="Change a user", takes=UserChangeSchema(), gives=UserSchema()))
    def update_user(user_id: int) -> Response:
        actor = deps.caller(request)
        accounts.demand_admin(actor)
        given = load(UserChangeSchema(), request, within="user")
        password = given.pop("password")
        password_hash = accounts.prepare_password(deps.secrets.passwords, password)
        change = UserChange(password_hash=password_hash, **given)
        with deps.write(author(actor, request)) as session:
            user = accounts.update_user(session, actor, user_id, change)
            return entity(UserSchema(), user)


def _add_deletions(routes: Blueprint, deps: Deps) -> None:
    @routes.delete(f"/{_ID}")
    @described(
        Operation(
            summary="Delete a user",
            status=204,
            query={
                "new_team": "the team that takes over the personal namespace, by name",
                "keep_images": "true: leave the images of that in the registry",
            },
        )
    )
    def delete_user(user_id: int) -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            heir, terms = new_team_of(request), terms_of(request, deps)
            deletions.delete_user(session, actor, user_id, heir, terms)
        return nothing()

    @routes.delete(f"/{_ID}/name")
    @described(Operation(summary="Release the name of a deleted user", status=204))
    def release_name(user_id: int) -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            deletions.release_name(session, actor, user_id)
        return nothing()
