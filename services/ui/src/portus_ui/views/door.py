"""The door: first set-up, sign-in, sign-out."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors, logs
from portus_ui.clients.auth import Credentials, FirstAdmin
from portus_ui.domain.addresses import local_path
from portus_ui.views.deps import Deps
from portus_ui.views.visitor import SignInNeeded

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_log = logs.logger(__name__)


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/setup``, ``/sign-in`` and ``/sign-out``."""
    routes = Blueprint("door", __name__)

    @routes.get("/setup")
    def setup() -> Response:
        _require_setup(deps)
        return _setup_page(deps)

    @routes.post("/setup")
    def set_up() -> AnyResponse:
        _require_setup(deps)
        return _set_up(deps)

    @routes.get("/sign-in")
    def sign_in_page() -> AnyResponse:
        if deps.abouts.now().setup_needed:
            return redirect("/setup", 303)
        if _is_signed_in(deps):
            return redirect(local_path(request.args.get("next")), 303)
        return _sign_in_page(deps, ended="ended" in request.args)

    @routes.post("/sign-in")
    def sign_in() -> AnyResponse:
        return _sign_in(deps)

    @routes.post("/sign-out")
    def sign_out() -> AnyResponse:
        return _sign_out(deps)

    return routes


def _require_setup(deps: Deps) -> None:
    if not deps.abouts.now().setup_needed:
        raise errors.NotFound


def _set_up(deps: Deps) -> AnyResponse:
    form = request.form
    first = FirstAdmin(
        code=form.get("code", "").strip(),
        username=form.get("username", "").strip(),
        email=form.get("email", "").strip(),
        password=form.get("password", ""),
    )
    try:
        deps.auth.set_up(first)
    except errors.Rejected as error:
        return _setup_page(deps, status=422, faults=error.fields, wrong=_said(error))
    except errors.Denied as error:
        return _setup_page(deps, status=422, faults={"setup_code": [f"{error.message}."]})
    except (errors.Unauthenticated, errors.Conflict, errors.Malformed) as error:
        return _setup_page(deps, status=422, wrong=error.message)
    return enter(deps, typed(login=first.username, password=first.password), "/")


def _said(error: errors.Rejected) -> str:
    return "" if error.fields else error.message


def _setup_page(
    deps: Deps, *, status: int = 200, faults: Mapping[str, list[str]] | None = None, wrong: str = ""
) -> Response:
    return deps.renderer.page(
        "setup.html", status=status, faults=faults or {}, wrong=wrong, form=request.form
    )


def typed(*, login: str, password: str, remembered: bool = False) -> Credentials:
    """Return what a person typed, with the browser it came from."""
    return Credentials(
        login=login,
        password=password,
        address=request.remote_addr or "",
        user_agent=request.headers.get("User-Agent", "")[:255],
        remembered=remembered,
    )


def _sign_in(deps: Deps) -> AnyResponse:
    form = request.form
    given = typed(
        login=form.get("login", "").strip(),
        password=form.get("password", ""),
        remembered="remember" in form,
    )
    try:
        return enter(deps, given, local_path(form.get("next")))
    except (errors.Unauthenticated, errors.Rejected, errors.Malformed):
        wrong = "That username and password do not match."
        return _sign_in_page(deps, status=401, wrong=wrong)
    except errors.TooMany as error:
        wrong = f"Too many attempts. Try again in {error.retry_after_s} seconds."
        response = _sign_in_page(deps, status=429, wrong=wrong)
        response.headers["Retry-After"] = str(error.retry_after_s)
        return response


def enter(deps: Deps, given: Credentials, target: str) -> AnyResponse:
    """Sign in at auth and start a fresh session; one that the browser had is ended."""
    sign_in = deps.auth.sign_in(given)
    response = redirect(target, 303)
    replaced = deps.visitors.open(response, sign_in, remembered=given.remembered)
    if replaced:
        _revoke(deps, replaced)
    return response


def _sign_in_page(
    deps: Deps, *, status: int = 200, wrong: str = "", ended: bool = False
) -> Response:
    return deps.renderer.page(
        "sign-in.html",
        status=status,
        wrong=wrong,
        ended=ended,
        login=request.form.get("login", ""),
        next=local_path(request.values.get("next")),
        cookie_refused=_cookie_refused(deps),
        may_sign_up=deps.abouts.now().sign_up,
        may_browse=deps.settings.anonymous_browsing,
    )


def _cookie_refused(deps: Deps) -> bool:
    """Tell whether browsers will drop our cookie: plain http beyond the loopback."""
    if deps.settings.insecure_cookies or deps.settings.public_url.startswith("https:"):
        return False
    return urlsplit(request.host_url).hostname not in _LOOPBACK


def _is_signed_in(deps: Deps) -> bool:
    try:
        return deps.visitors.session() is not None
    except SignInNeeded:
        return False


def _sign_out(deps: Deps) -> AnyResponse:
    response = redirect("/sign-in", 303)
    if closed := deps.visitors.close(response):
        cookie_hash, handle = closed
        deps.hub.end_of_visitor(cookie_hash)
        deps.viewers.forget_handle(handle)
        _revoke(deps, handle)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _revoke(deps: Deps, handle: str) -> None:
    """Revoke at auth; the browser is signed out either way, and the sign-in ends by itself."""
    try:
        deps.auth.sign_out(handle)
    except errors.PortusError as error:
        _log.warning("a sign-in was not revoked", extra={"reason": error.message})
