"""Preferences that live in the browser: the theme."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared.errors import Malformed
from portus_ui.domain.addresses import local_path
from portus_ui.views.deps import Deps
from portus_ui.views.render import THEMES

COOKIE: Final = "theme"
_KEPT: Final = timedelta(days=365)


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``POST /preferences/theme``."""
    routes = Blueprint("preferences", __name__)

    @routes.post("/preferences/theme")
    def theme() -> AnyResponse:
        chosen = request.form.get("theme", "")
        if chosen not in THEMES:
            message = "theme must be auto, light or dark"
            raise Malformed(message, field="theme")
        response = redirect(local_path(request.form.get("next")), 303)
        deps.cookies.write(response, COOKIE, chosen, _KEPT)
        return response

    return routes
