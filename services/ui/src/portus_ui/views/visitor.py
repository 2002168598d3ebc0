"""The visitor of a request: a cookie becomes a session, a session becomes a viewer."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response as Answer, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from portus_shared import logs
from portus_shared.clock import now
from portus_shared.db import Database, is_unavailable
from portus_shared.errors import Denied, PortusError, Unauthenticated
from portus_ui.domain.lifetimes import REMEMBERED
from portus_ui.domain.viewer import SignIn, Viewer
from portus_ui.storage import sessions as stored
from portus_ui.usecases import sessions
from portus_ui.usecases.sessions import KnownSession
from portus_ui.usecases.viewers import Viewers
from portus_ui.views.cookies import Cookies

_COOKIE: Final = "sid"
_log = logs.logger(__name__)


class SignInNeeded(Unauthenticated):
    """Say that the page is for people who are signed in; `ended` when they were."""

    code = "sign-in-needed"
    default_message = "Sign in to see this page"

    def __init__(self, *, ended: bool) -> None:
        super().__init__()
        self.ended = ended


class Visitors:
    """Find, open and end the visitor's session. One lookup a request, when first asked."""

    def __init__(
        self, database: Database, viewers: Viewers, cookies: Cookies, *, anonymous: bool
    ) -> None:
        self._database = database
        self._viewers = viewers
        self._cookies = cookies
        self._anonymous = anonymous

    def install(self, app: Flask) -> None:
        """Take a dead session's cookie away with the response."""

        @app.after_request
        def sweep(response: Answer) -> Answer:
            if g.pop("session_ended", False):
                self._cookies.clear(response, _COOKIE)
            return response

    def viewer(self) -> Viewer:
        """Return who looks; raises `SignInNeeded` for a session that has ended.

        It does so too for who has none, where nobody browses without an account.
        """
        if "viewer" not in g:
            known = self.session()
            if known is None and not self._anonymous:
                raise SignInNeeded(ended=False)
            g.viewer = self._viewer_of(known) if known else self._viewers.anonymous()
        viewer: Viewer = g.viewer
        return viewer

    def signed_in(self) -> Viewer:
        """Return the signed-in viewer; raises `SignInNeeded`."""
        viewer = self.viewer()
        if viewer.name is None:
            raise SignInNeeded(ended=False)
        return viewer

    def admin(self) -> Viewer:
        """Return the signed-in admin; raises `SignInNeeded`, or `Denied` for everybody else."""
        viewer = self.signed_in()
        if not viewer.admin:
            raise Denied
        return viewer

    def session(self) -> KnownSession | None:
        """Return the living session; raises `SignInNeeded` when the cookie's has ended."""
        cookie = self._cookies.read(request, _COOKIE)
        if not cookie:
            return None
        if "session" not in g:
            g.session = self._find(cookie)
        known: KnownSession | None = g.session
        if known is None:
            g.session_ended = True
            raise SignInNeeded(ended=True)
        return known

    def known(self) -> Viewer | None:
        """Return the viewer if that is known without asking: for the shell of error pages."""
        viewer: Viewer | None = g.get("viewer")
        return viewer

    def has_cookie(self) -> bool:
        """Tell whether the browser holds a session cookie, alive or not."""
        return self._cookies.read(request, _COOKIE) is not None

    def open(self, response: Response, sign_in: SignIn, *, remembered: bool) -> str | None:
        """Start a session; return the handle of the one it replaces, if any."""
        old = self._cookies.read(request, _COOKIE)
        with self._database.write() as session:
            replaced = sessions.close_session(session, old) if old else None
            cookie = sessions.open_session(session, sign_in, remembered=remembered, moment=now())
        g.pop("session_ended", None)
        self._cookies.write(response, _COOKIE, cookie, REMEMBERED if remembered else None)
        return replaced

    def close(self, response: Response) -> tuple[str, str] | None:
        """End the session; return its cookie's hash and the handle to revoke."""
        cookie = self._cookies.read(request, _COOKIE)
        self._cookies.clear(response, _COOKIE)
        if not cookie:
            return None
        with self._database.write() as session:
            handle = sessions.close_session(session, cookie)
        return (sessions.hash_of(cookie), handle) if handle else None

    def _viewer_of(self, known: KnownSession) -> Viewer:
        try:
            return self._viewers.of_handle(known.handle)
        except Unauthenticated:
            with self._database.write() as session:
                stored.remove(session, known.cookie_hash)
            g.session = None
            g.session_ended = True
            raise SignInNeeded(ended=True) from None

    def _find(self, cookie: str) -> KnownSession | None:
        with self._database.read() as session:
            known = sessions.find_session(session, cookie, now())
        if known and known.wants_touch:
            self._touch(known)
        return known

    def _touch(self, known: KnownSession) -> None:
        """Write the last use down; a page must not fail because that could not be written."""
        try:
            with self._database.write() as session:
                stored.touch(session, known.cookie_hash, now())
        except (SQLAlchemyError, PortusError) as error:
            if not is_unavailable(error):
                raise
            _log.warning("a session's last use was not written", extra={"reason": str(error)})
