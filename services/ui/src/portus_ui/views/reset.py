"""Choosing a password with a reset that an admin or a mail gave.

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
    """Serve ``/reset``."""
    routes = Blueprint("reset", __name__)

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
