"""Making an account of one's own, where the operator allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_ui.clients.auth import NewAccount
from portus_ui.views.deps import Deps
from portus_ui.views.door import enter, typed

Faults = Mapping[str, Sequence[str]]


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/sign-up``."""
    routes = Blueprint("sign_up", __name__)

    @routes.get("/sign-up")
    def sign_up_page() -> Response:
        _require_sign_up(deps)
        return _page(deps)

    @routes.post("/sign-up")
    def sign_up() -> AnyResponse:
        _require_sign_up(deps)
        return _sign_up(deps)

    return routes


def _require_sign_up(deps: Deps) -> None:
    about = deps.abouts.now()
    if about.setup_needed or not about.sign_up:
        raise errors.NotFound


def _sign_up(deps: Deps) -> AnyResponse:
    form = request.form
    new = NewAccount(
        username=form.get("username", "").strip(),
        email=form.get("email", "").strip(),
        password=form.get("password", ""),
        address=request.remote_addr or "",
    )
    try:
        deps.auth.sign_up(new)
    except errors.Rejected as error:
        wrong = "" if error.fields else error.message
        return _page(deps, status=422, faults=error.fields, wrong=wrong)
    except errors.TooMany as error:
        wrong = "Too many accounts were made from your address. Try again in an hour."
        response = _page(deps, status=429, wrong=wrong)
        response.headers["Retry-After"] = str(error.retry_after_s)
        return response
    return enter(deps, typed(login=new.username, password=new.password), "/")


def _page(
    deps: Deps, *, status: int = 200, faults: Faults | None = None, wrong: str = ""
) -> Response:
    return deps.renderer.page(
        "sign-up.html", status=status, faults=faults or {}, wrong=wrong, form=request.form
    )
