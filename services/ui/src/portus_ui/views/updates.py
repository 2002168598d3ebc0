"""Live updates: server-sent events that say what changed, never how."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import Blueprint, Response, request

from portus_shared.addresses import site_of
from portus_shared.errors import Unauthenticated
from portus_shared.web.problems import problem
from portus_ui.domain.topics import Hint, parse_topics
from portus_ui.live.events import events
from portus_ui.live.hub import NoRoom, Stream
from portus_ui.usecases.sessions import KnownSession
from portus_ui.views.deps import Deps

_RETRY_S = "30"


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/updates?topics=…&since=…``."""
    routes = Blueprint("updates", __name__)

    @routes.get("/updates")
    def updates() -> Response:
        topics = parse_topics(request.args.get("topics", ""))
        deps.visitors.viewer()
        session = deps.visitors.session()
        # Who was connected before looks at everything again: see `_stream`.
        since = "" if "Last-Event-ID" in request.headers else request.args.get("since", "")
        try:
            stream = deps.hub.open(
                topics,
                visitor=session.cookie_hash if session else "",
                username=session.username if session else None,
                site=site_of(request.remote_addr or ""),
                since=since,
            )
        except NoRoom:
            response = problem(503, "no-room", "Too many pages are open, try again later")
            response.headers["Retry-After"] = _RETRY_S
            return response
        return _stream(deps, stream, session)

    return routes


def _stream(deps: Deps, stream: Stream, session: KnownSession | None) -> Response:
    again = "Last-Event-ID" in request.headers
    response = Response(
        _until_left(deps, stream, events(stream, _sees(deps, stream, session), again=again)),
        content_type="text/event-stream; charset=utf-8",
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: deps.hub.leave(stream))
    return response


def _until_left(deps: Deps, stream: Stream, texts: Iterator[str]) -> Iterator[str]:
    try:
        yield from texts
    finally:
        deps.hub.leave(stream)


def _sees(deps: Deps, stream: Stream, session: KnownSession | None) -> Callable[[Hint], bool]:
    """Ask with the viewer's present token: a stream outlives many of them."""

    def may_see(hint: Hint) -> bool:
        try:
            viewer = deps.viewers.of_handle(session.handle) if session else deps.viewers.anonymous()
        except Unauthenticated:
            stream.end()
            return False
        return deps.seeing.may_see(viewer, hint)

    return may_see
