"""A forgotten password: asking for a letter, and choosing a new one with the reset it brings.

The token stands behind the ``#`` of its link, which browsers send to nobody: it reaches no log.
A script puts it into the form; without one it is pasted there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_ui.views.deps import Deps

Faults = Mapping[str, Sequence[str]]


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/forgot`` and ``/reset``."""
    routes = Blueprint("reset", __name__)

    @routes.get("/forgot")
    def forgot() -> Response:
        return _forgot_page(deps)

    @routes.post("/forgot")
    def ask() -> Response:
        return _ask(deps)

    @routes.get("/reset")
    def reset() -> Response:
        return _page(deps)

    @routes.post("/reset")
    def use_reset() -> AnyResponse:
        form = request.form
        password = form.get("password", "")
        if password != form.get("again", ""):
            return _page(deps, {"again": ["is not what you typed above"]})
        try:
            deps.auth.users.use_reset(form.get("token", "").strip(), password)
        except errors.Rejected as error:
            return _page(deps, error.fields or {"token": [error.message]})
        return deps.renderer.page("password-changed.html")

    return routes


def _page(deps: Deps, faults: Faults | None = None) -> Response:
    token = request.form.get("token", "")
    status = 422 if faults else 200
    return deps.renderer.page("reset.html", status=status, faults=faults or {}, token=token)


def _ask(deps: Deps) -> Response:
    """Ask for a letter; what is answered does not tell whether anybody is meant."""
    if not deps.abouts.now().mail:
        raise errors.NotFound
    login = request.form.get("login", "").strip()
    if not login:
        return _forgot_page(deps, status=422, faults={"login": ["can't be blank"]})
    try:
        deps.auth.ask_for_letter(login, request.remote_addr or "")
    except errors.TooMany as error:
        wrong = "Too many were asked for from your address. Try again in an hour."
        response = _forgot_page(deps, status=429, wrong=wrong)
        response.headers["Retry-After"] = str(error.retry_after_s)
        return response
    return _forgot_page(deps, sent_to=login)


def _forgot_page(
    deps: Deps,
    *,
    status: int = 200,
    faults: Faults | None = None,
    wrong: str = "",
    sent_to: str = "",
) -> Response:
    return deps.renderer.page(
        "forgot.html",
        status=status,
        faults=faults or {},
        wrong=wrong,
        sent_to=sent_to,
        login=request.form.get("login", ""),
        mail=deps.abouts.now().mail,
    )
