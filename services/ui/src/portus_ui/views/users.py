"""Accounts, for admins: the list, new ones, and one with what can be done about it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_shared.clock import now
from portus_ui.domain.viewer import Viewer
from portus_ui.usecases.pages import PER_PAGE, Listing
from portus_ui.views.deps import Deps
from portus_ui.views.formats import moment
from portus_ui.views.paging import number_of, pager

Faults = Mapping[str, Sequence[str]]
_ID: Final = "<int(max=2147483647):user_id>"
_SWITCHES: Final = {
    "promote": {"admin": True},
    "demote": {"admin": False},
    "enable": {"enabled": True},
    "disable": {"enabled": False},
}


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/users`` and ``/users/<id>``."""
    routes = Blueprint("users", __name__)
    _add_list(routes, deps)
    _add_user(routes, deps)
    return routes


def _add_list(routes: Blueprint, deps: Deps) -> None:
    @routes.get("/users")
    def users() -> Response:
        return _users_page(deps, deps.visitors.signed_in())

    @routes.post("/users")
    def create_user() -> AnyResponse:
        viewer = deps.visitors.signed_in()
        try:
            made = deps.auth.users.create(viewer, _typed_user())
        except errors.Rejected as error:
            faults = error.fields or {"username": [error.message]}
            return _users_page(deps, viewer, status=422, faults=faults)
        if made["bot"]:
            return redirect(f"/users/{made['id']}", 303)
        return _with_reset(deps, viewer, int(made["id"]))


def _typed_user() -> dict[str, Any]:
    """Nobody knows a person's first password: a reset lets them choose their own."""
    form = request.form
    user = {name: form.get(name, "").strip() for name in ("username", "email")}
    if "bot" in form:
        return {**user, "bot": True}
    return {**user, "password": secrets.token_urlsafe(32)}


def _users_page(
    deps: Deps, viewer: Viewer, *, status: int = 200, faults: Faults | None = None
) -> Response:
    number = number_of(request)
    found, total = deps.auth.users.page(
        viewer, page=number, per_page=PER_PAGE, sort_attr="username"
    )
    return deps.renderer.page(
        "users.html",
        status=status,
        here="Users",
        rows=[_row(user, now()) for user in found],
        pager=pager(request, Listing(items=found, total=total, number=number), "user"),
        faults=faults or {},
        form=request.form,
    )


def _add_user(routes: Blueprint, deps: Deps) -> None:
    @routes.get(f"/users/{_ID}")
    def user(user_id: int) -> Response:
        return _user_page(deps, deps.visitors.signed_in(), user_id)

    @routes.post(f"/users/{_ID}/<any(promote, demote, enable, disable):switch>")
    def change_user(user_id: int, switch: str) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        return _changed(
            deps,
            viewer,
            user_id,
            lambda: deps.auth.users.change(viewer, user_id, **_SWITCHES[switch]),
        )

    @routes.post(f"/users/{_ID}/reset")
    def issue_reset(user_id: int) -> AnyResponse:
        return _with_reset(deps, deps.visitors.signed_in(), user_id)


def _changed(deps: Deps, viewer: Viewer, user_id: int, change: Callable[[], object]) -> AnyResponse:
    """Carry out a change; the page says why one is not possible."""
    try:
        change()
    except (errors.Conflict, errors.Rejected) as error:
        return _user_page(deps, viewer, user_id, status=409, wrong=error.message)
    return redirect(f"/users/{user_id}", 303)


def _with_reset(deps: Deps, viewer: Viewer, user_id: int) -> AnyResponse:
    """Show the link by which somebody chooses their password, in this one answer."""
    try:
        reset = deps.auth.users.issue_reset(viewer, user_id)
    except errors.Conflict as error:
        return _user_page(deps, viewer, user_id, status=409, wrong=error.message)
    origin = deps.settings.public_url.rstrip("/")
    ends = moment(reset["expires_at"], now())
    link = f"{origin}/reset#{reset['token']}"
    return _user_page(deps, viewer, user_id, status=201, link=link, ends=ends)


def _user_page(
    deps: Deps, viewer: Viewer, user_id: int, *, status: int = 200, **more: Any
) -> Response:
    found = deps.auth.users.show(viewer, user_id)
    return deps.renderer.page(
        "user.html",
        status=status,
        here="Users",
        user=_row(found, now()),
        own=found["username"] == viewer.name,
        **{"wrong": "", "link": "", "ends": None, **more},
    )


def _row(user: Mapping[str, Any], moment_now: datetime) -> Mapping[str, Any]:
    seen = user.get("current_sign_in_at") or user.get("last_sign_in_at")
    return {
        **user,
        "name": user.get("display_name") or user["username"],
        "kind": "Bot" if user["bot"] else "Administrator" if user["admin"] else "User",
        "seen": moment(seen, moment_now),
        "since": moment(user.get("created_at"), moment_now),
    }
