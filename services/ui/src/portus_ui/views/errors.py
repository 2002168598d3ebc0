"""Errors as pages: what happened, what still works, and the reference to tell an operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors, logs
from portus_shared.web.problems import problem_of, status_of
from portus_ui.domain.addresses import local_path
from portus_ui.views.deps import Deps
from portus_ui.views.render import fragment_wanted, is_htmx
from portus_ui.views.visitor import SignInNeeded

_TITLES: Final = {
    400: "This address cannot be read",
    401: "Sign in to go on",
    403: "You may not do this",
    404: "There is nothing here that you can see",
    405: "That cannot be done here",
    409: "That is not possible now",
    413: "That is too large",
    422: "Some values are not acceptable",
    429: "Too many requests",
    500: "Something went wrong here",
    502: "A part of Portus does not answer",
    503: "A part of Portus does not answer",
}
_SENTENCES: Final = {
    401: "This page is for people who are signed in.",
    404: "It does not exist, or it is private and you are not a member. "
    "Ask an owner of the team to add you.",
    405: "The address exists, but it does not take this kind of request.",
    413: "The request is larger than this page takes.",
    500: "It is not your fault. The log has the details under the reference below.",
}
_AWAY: Final = {
    "auth": "Sign-in and permissions are not answering. Public and private pages wait for them; "
    "what Docker is doing now goes on until its tokens end.",
    "catalog": "The catalogue is not answering. Repositories and images cannot be shown. "
    "Sign-in still works, and so do docker pull and push.",
    "sync": "Sync is not answering, so this could not be asked of it. Nothing has been changed; "
    "docker pull and push still work.",
}
_FIRST_ERROR: Final = 400


def install(app: Flask, deps: Deps) -> None:
    """Answer errors as pages; programs keep the problem bodies of the base application."""
    inherited: Any = dict(app.error_handler_spec[None][None])
    as_http: Callable[[HTTPException], Response] = inherited[HTTPException]
    as_fault: Callable[[Exception], Response] = inherited[Exception]

    def known(error: errors.PortusError) -> AnyResponse:
        return problem_of(error) if _is_for_programs() else _known(deps, error)

    def http(error: HTTPException) -> AnyResponse:
        is_page = not _is_for_programs() and (error.code or 0) >= _FIRST_ERROR
        return _http(deps, error) if is_page else as_http(error)

    def unexpected(error: Exception) -> AnyResponse:
        answer = as_fault(error)
        if _is_for_programs():
            return answer
        return _page(deps, answer.status_code, _SENTENCES.get(answer.status_code, ""))

    app.register_error_handler(errors.PortusError, known)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, unexpected)


def _known(deps: Deps, error: errors.PortusError) -> AnyResponse:
    if isinstance(error, SignInNeeded):
        return _to_the_door(deps, error)
    response = _page(deps, status_of(error), _sentence_of(error))
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _http(deps: Deps, error: HTTPException) -> AnyResponse:
    code = error.code or 500
    response = _page(deps, code, _SENTENCES.get(code, ""))
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _is_for_programs() -> bool:
    return request.path.startswith(("/api/", "/static/", "/updates", "/ready", "/live"))


def _sentence_of(error: errors.PortusError) -> str:
    if isinstance(error, errors.Unavailable):
        return _AWAY.get(error.missing, error.message)
    if isinstance(error, errors.TooMany):
        return f"Please wait {error.retry_after_s} seconds and try again."
    return _SENTENCES.get(status_of(error), error.message)


def _to_the_door(deps: Deps, error: SignInNeeded) -> AnyResponse:
    """Send a person to sign in, and back to where they were; htmx is told to go, not fed a page."""
    current = urlsplit(request.headers.get("HX-Current-URL", ""))
    here = f"{current.path}?{current.query}" if current.query else current.path
    back = local_path(here if is_htmx(request) else request.full_path.rstrip("?"))
    door = "/sign-in?" + urlencode({"next": back} | ({"ended": "1"} if error.ended else {}))
    if is_htmx(request):
        return Response(status=401, headers={"HX-Redirect": door})
    if request.method == "GET":
        return redirect(door, 303)
    return _page(deps, 401, _SENTENCES[401])


def _page(deps: Deps, status: int, sentence: str) -> Response:
    wanted = fragment_wanted(request)
    response = deps.renderer.page(
        "error.html",
        fragments={wanted: "_error.html"} if wanted else None,
        here="",
        status=status,
        code=status,
        title=_TITLES.get(status, "This did not work"),
        sentence=sentence,
        reference=logs.current_request_id() or "",
        target=wanted,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
