"""One's own account: application tokens, what is signed in, the password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_shared.clock import now
from portus_ui.domain.viewer import Viewer
from portus_ui.views.account_rows import browser_row, docker_login_row, token_rows
from portus_ui.views.deps import Deps
from portus_ui.views.token_forms import LIVES, end_in

Faults = Mapping[str, Sequence[str]]
_NUMBER: Final = "<int(max=2147483647):number>"
_EVERYTHING: Final = "*"
ACTIONS: Final = {"pull": "Pull", "pull,push": "Pull and push", "*": "All that I may"}
"""What a token can be made for, as scopes say it."""


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/account/tokens``, ``/account/sign-ins`` and ``/account/password``."""
    routes = Blueprint("account", __name__, url_prefix="/account")
    _add_tokens(routes, deps)
    _add_sign_ins(routes, deps)
    _add_password(routes, deps)
    return routes


def _add_tokens(routes: Blueprint, deps: Deps) -> None:
    @routes.get("/tokens")
    def tokens() -> Response:
        return _tokens_page(deps, deps.visitors.signed_in())

    @routes.post("/tokens")
    def create_token() -> Response:
        # The secret is in this one answer and nowhere else: no redirect, no cookie.
        viewer = deps.visitors.signed_in()
        try:
            made = deps.auth.account.create_token(viewer, _typed_token())
        except errors.Rejected as error:
            faults = error.fields or {"application": [error.message]}
            return _tokens_page(deps, viewer, status=422, faults=faults)
        except errors.Conflict as error:
            return _tokens_page(deps, viewer, status=409, faults={"application": [error.message]})
        return _tokens_page(deps, viewer, status=201, made=made)

    @routes.post(f"/tokens/{_NUMBER}/delete")
    def delete_token(number: int) -> AnyResponse:
        deps.auth.account.delete_token(deps.visitors.signed_in(), number)
        return redirect("/account/tokens", 303)


def _typed_token() -> dict[str, Any]:
    form = request.form
    pattern = form.get("pattern", "").strip() or _EVERYTHING
    actions, days = form.get("actions", ""), form.get("days", "")
    token: dict[str, Any] = {"application": form.get("application", "").strip()}
    if (pattern, actions) != (_EVERYTHING, _EVERYTHING):
        token["scopes"] = [f"{pattern}:{actions}"]
    if end := end_in(days):
        token["expires_at"] = end
    return token


def _tokens_page(
    deps: Deps,
    viewer: Viewer,
    *,
    status: int = 200,
    faults: Faults | None = None,
    made: Mapping[str, Any] | None = None,
) -> Response:
    rows = token_rows(deps.auth.account.tokens(viewer), now())
    return deps.renderer.page(
        "account-tokens.html",
        status=status,
        here="Account",
        rows=rows,
        made=made,
        saved="saved" in request.args,
        faults=faults or {},
        form={} if made else request.form,
        actions=ACTIONS,
        lives=LIVES,
    )


def _add_sign_ins(routes: Blueprint, deps: Deps) -> None:
    @routes.get("/sign-ins")
    def sign_ins() -> Response:
        viewer, account = deps.visitors.signed_in(), deps.auth.account
        return deps.renderer.page(
            "account-sign-ins.html",
            here="Account",
            browsers=[browser_row(each, now()) for each in account.browsers(viewer)],
            logins=[docker_login_row(each, now()) for each in account.docker_logins(viewer)],
        )

    @routes.post(f"/browsers/{_NUMBER}/end")
    def end_browser(number: int) -> AnyResponse:
        deps.auth.account.end_browser(deps.visitors.signed_in(), number)
        return redirect("/account/sign-ins", 303)

    @routes.post("/browsers/end")
    def end_browsers() -> AnyResponse:
        viewer = deps.visitors.signed_in()
        deps.auth.account.end_browsers(viewer)
        return _forgotten(deps, viewer, redirect("/sign-in", 303))

    @routes.post(f"/docker-logins/{_NUMBER}/end")
    def end_docker_login(number: int) -> AnyResponse:
        deps.auth.account.end_docker_login(deps.visitors.signed_in(), number)
        return redirect("/account/sign-ins", 303)


def _add_password(routes: Blueprint, deps: Deps) -> None:
    @routes.get("/password")
    def password() -> Response:
        deps.visitors.signed_in()
        return _password_page(deps)

    @routes.post("/password")
    def change_password() -> AnyResponse:
        viewer, form = deps.visitors.signed_in(), request.form
        current, new = form.get("current_password", ""), form.get("password", "")
        if new != form.get("again", ""):
            return _password_page(deps, {"again": ["is not what you typed above"]})
        try:
            deps.auth.account.change_password(viewer, current, new)
        except errors.Rejected as error:
            return _password_page(deps, error.fields or {"password": [error.message]})
        return _forgotten(deps, viewer, deps.renderer.page("password-changed.html"))


def _password_page(deps: Deps, faults: Faults | None = None) -> Response:
    status = 422 if faults else 200
    return deps.renderer.page(
        "account-password.html", status=status, here="Account", faults=faults or {}
    )


def _forgotten(deps: Deps, viewer: Viewer, response: AnyResponse) -> AnyResponse:
    """Take this browser's session away, whose sign-in has ended with all others."""
    if viewer.name:
        deps.viewers.forget(viewer.name)
        deps.hub.end_of(viewer.name)
    deps.visitors.close(response)
    return response
