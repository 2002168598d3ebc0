"""What the other services ask auth: who somebody is, sign-ins, and how Portus is set up.

These routes are on auth's own port only; each caller shows its own secret.
"""

from __future__ import annotations

import hmac
import time
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, request

from portus_auth.domain.actors import ANONYMOUS, Actor
from portus_auth.routes.answers import answer, nothing
from portus_auth.routes.deps import Deps
from portus_auth.schemas.internal import CredentialSchema, HandleSchema, NewSignInSchema
from portus_auth.storage import namespaces
from portus_auth.usecases import installation, sign_ins
from portus_auth.usecases.audit import author_of
from portus_auth.usecases.credentials import Origin, parse_portus_auth
from portus_auth.usecases.sign_ins import Browser
from portus_shared.errors import Malformed, Unauthenticated
from portus_shared.scopes import written
from portus_shared.web.body import load
from portus_shared.web.principals import API_AUDIENCE

TOKEN_S: Final = 60
_BACKDATED_S: Final = 5


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("internal", __name__, url_prefix="/internal/v1")
    routes.before_request(lambda: demand_service(deps))
    _add_principal(routes, deps)
    _add_sign_ins(routes, deps)

    @routes.get("/about")
    def about() -> Response:
        with deps.read() as session:
            registries = [
                {"name": row.name, "external_host": row.external_host}
                for row in namespaces.registries(session)
            ]
            needed = installation.setup_is_needed(session)
        open_to = {"sign_up": deps.door.sign_up, "mail": deps.door.mail}
        return answer({"setup_needed": needed, "registries": registries, **open_to})

    return routes


def _add_principal(routes: Blueprint, deps: Deps) -> None:
    @routes.post("/principal")
    def principal() -> Response:
        given = load(CredentialSchema(), request)
        actor = _identified(deps, given)
        members = _members(actor)
        now = int(time.time())
        lasts_s = TOKEN_S if actor.until_s is None else min(TOKEN_S, int(actor.until_s) - now)
        claims = {
            **members,
            "iss": deps.issuer,
            "sub": actor.name,
            "aud": API_AUDIENCE,
            "iat": now,
            "nbf": now - _BACKDATED_S,
            "exp": now + lasts_s,
        }
        token = deps.signer.sign(claims)
        known = {"name": actor.name, **members}
        return answer({"token": token, "expires_in": lasts_s, "principal": known})


def _add_sign_ins(routes: Blueprint, deps: Deps) -> None:
    @routes.post("/sign-ins")
    def create() -> Response:
        given = load(NewSignInSchema(), request)
        browser = Browser(
            address=given["address"], user_agent=given["user_agent"], remember=given["remember"]
        )
        origin = Origin(address=browser.address, client=browser.user_agent)
        actor, claim = deps.of_password(given["login"], given["password"], origin)
        with deps.write(author_of(actor, browser.address)) as session:
            handle, row = sign_ins.create_sign_in(session, deps.secrets.hashes, claim, browser)
            user = {"id": actor.user_id, "username": actor.name, "admin": actor.admin}
            body = {"handle": handle, "expires_at": row.expires_at.isoformat(), "user": user}
        return answer(body, HTTPStatus.CREATED)

    @routes.delete("/sign-ins")
    def revoke() -> Response:
        handle = load(HandleSchema(), request)["handle"]
        try:
            actor = deps.of_sign_in(handle)
        except Unauthenticated:
            return nothing()  # It is over already.
        with deps.write(author_of(actor)) as session:
            sign_ins.revoke_sign_in(session, deps.secrets.hashes, handle)
        return nothing()


def _members(actor: Actor) -> dict[str, Any]:
    """Return what an API token says of its holder beside the name.

    Nobody is an admin with scopes: a service that does not know them gives nothing away.
    """
    scopes = actor.scopes
    return {
        "kind": actor.kind,
        "admin": actor.admin and not actor.is_limited,
        "user_id": actor.user_id,
        "scopes": None if scopes is None else [written(scope) for scope in scopes],
    }


def _identified(deps: Deps, given: dict[str, Any]) -> Actor:
    """Return whose credential it is; exactly one must be given.

    A service says from where it was shown, and is believed: wrong ones count by that address.
    """
    origin = Origin(address=given.pop("address"), client=request.headers["Portus-Service"])
    if len(given) != 1:
        raise Malformed("Give one of portus_auth, authorization, sign_in and anonymous")
    if "portus_auth" in given:
        return deps.of_token(*parse_portus_auth(given["portus_auth"]), origin)
    if "authorization" in given:
        return deps.of_basic(given["authorization"], origin)
    if "sign_in" in given:
        return deps.of_sign_in(given["sign_in"])
    if not given["anonymous"]:
        raise Malformed("anonymous must be true", field="anonymous")
    return ANONYMOUS


def demand_service(deps: Deps) -> None:
    """Raise unless the caller names a service and shows its secret."""
    expected = deps.services.get(request.headers.get("Portus-Service", ""))
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    right = expected.reveal().encode() if expected else b""
    matches = hmac.compare_digest(shown.encode(), right)
    if scheme.lower() != "bearer" or not right or not matches:
        raise Unauthenticated("This address is for Portus' own services")
