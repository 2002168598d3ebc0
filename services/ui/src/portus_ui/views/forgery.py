"""Refuse unsafe requests that a page of another origin made; form tokens for old clients."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from flask import Flask, Response, g, request

from portus_shared.config import Secret
from portus_shared.errors import Denied
from portus_ui.domain.forgery import Provenance, is_forged
from portus_ui.views.cookies import Cookies

FIELD: Final = "form_token"
_COOKIE: Final = "form"


class ForgedRequest(Denied):
    """Say that another site made the request."""

    code = "forged-request"
    default_message = "This request came from another site, so it was not carried out"


class Forgery:
    """Check provenance; a token is an HMAC over a random cookie, so only our pages know both."""

    def __init__(self, *, origin: str, secret: Secret, cookies: Cookies) -> None:
        self._origin = origin
        self._key = hashlib.sha256(b"portus-ui-form\0" + secret.reveal().encode()).digest()
        self._cookies = cookies

    def install(self, app: Flask) -> None:
        """Check every request, and set the token's cookie where a page used one."""

        @app.before_request
        def refuse() -> None:
            if request.url_rule is None:
                # Nothing is there to be carried out: a client that asks at the wrong place, or
                # with the wrong method, is told just that.
                return
            provenance = Provenance(
                method=request.method,
                fetch_site=request.headers.get("Sec-Fetch-Site"),
                origin=request.headers.get("Origin"),
                proved=self._is_proved(),
            )
            if is_forged(provenance, self._origin):
                raise ForgedRequest

        @app.after_request
        def keep(response: Response) -> Response:
            if seed := g.pop("new_form_seed", None):
                self._cookies.write(response, _COOKIE, seed)
            return response

    def token(self) -> str:
        """Return the token for a form of this page."""
        seed = self._cookies.read(request, _COOKIE) or g.get("new_form_seed")
        if not seed:
            seed = g.new_form_seed = secrets.token_urlsafe(24)
        return self._sign(seed)

    def _is_proved(self) -> bool:
        seed = self._cookies.read(request, _COOKIE)
        given = request.form.get(FIELD, "") if request.method == "POST" else ""
        return bool(seed) and hmac.compare_digest(given.encode(), self._sign(seed or "").encode())

    def _sign(self, seed: str) -> str:
        return hmac.new(self._key, seed.encode(), hashlib.sha256).hexdigest()
