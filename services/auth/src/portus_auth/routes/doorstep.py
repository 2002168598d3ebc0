"""What ui asks for people who are not signed in: an account of their own, or a letter.

These routes are on auth's own port only. ui says which address a browser has, by which haste is
counted.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, request

from portus_auth.domain.actors import ANONYMOUS
from portus_auth.routes.answers import entity, nothing
from portus_auth.routes.deps import Deps
from portus_auth.routes.internal import demand_service
from portus_auth.schemas.internal import ForgottenSchema, SignUpSchema
from portus_auth.schemas.users import UserSchema
from portus_auth.usecases import accounts, letters, sign_up
from portus_auth.usecases.audit import author_of
from portus_auth.usecases.letters import NoMail
from portus_auth.usecases.sign_up import NoSignUp
from portus_shared.web.body import load


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("doorstep", __name__, url_prefix="/internal/v1")
    routes.before_request(lambda: demand_service(deps))

    @routes.post("/sign-ups")
    def make_account() -> Response:
        if not deps.door.sign_up:
            raise NoSignUp
        given = load(SignUpSchema(), request)
        address = given.pop("address")
        deps.door.sign_ups.step(address)
        new = accounts.prepare(deps.secrets.passwords, **given)
        with deps.write(author_of(ANONYMOUS, address)) as session:
            return entity(UserSchema(), sign_up.sign_up(session, new), HTTPStatus.CREATED)

    @routes.post("/password-letters")
    def ask_for_letter() -> Response:
        if not deps.door.mail:
            raise NoMail
        given = load(ForgottenSchema(), request)
        deps.door.letters.step(given["address"])
        with deps.write(author_of(ANONYMOUS, given["address"])) as session:
            letters.ask_for_reset(session, given["login"], given["address"])
        return nothing()

    return routes
