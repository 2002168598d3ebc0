"""The names and attributes of ui's cookies.

``__Host-`` binds a cookie to this host, to https and to the root path; browsers refuse it on
plain http outside the loopback, which is what `insecure` is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Request
from werkzeug.wrappers import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookies:
    """Read and write the cookies ``sid`` (session), ``form`` (token's seed) and ``theme``."""

    insecure: bool

    def read(self, request: Request, name: str) -> str | None:
        """Return the cookie's value."""
        return request.cookies.get(self._full(name))

    def write(
        self, response: Response, name: str, value: str, lifetime: timedelta | None = None
    ) -> None:
        """Set the cookie; without a lifetime it ends with the browser."""
        response.set_cookie(
            self._full(name),
            value,
            max_age=lifetime,
            secure=not self.insecure,
            httponly=True,
            samesite="Lax",
            path="/",
        )

    def clear(self, response: Response, name: str) -> None:
        """Let the browser forget the cookie."""
        response.delete_cookie(
            self._full(name), secure=not self.insecure, httponly=True, samesite="Lax", path="/"
        )

    def _full(self, name: str) -> str:
        return name if self.insecure else f"__Host-{name}"
