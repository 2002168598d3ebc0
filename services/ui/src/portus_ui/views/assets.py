"""Static files under names that hold their hash, so that browsers keep them for ever.

Style sheet and scripts are few and small: they are read once at start. The sheet's own references
(fonts, the select's chevron) are rewritten to hashed names too.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from flask import Blueprint, Response, request

from portus_shared.errors import NotFound

_FOREVER: Final = "public, max-age=31536000, immutable"
_URL: Final = re.compile(r"url\(\"?([^)\"]+)\"?\)")
_TYPES: Final = {".woff2": "font/woff2", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file as it is served."""

    body: bytes
    content_type: str
    etag: str


class Assets:
    """Know every static file by its plain and by its hashed name."""

    def __init__(self) -> None:
        self._hashed: dict[str, str] = {}
        self._served: dict[str, Asset] = {}
        found = dict(_walk(files("portus_ui").joinpath("static"), ""))
        # The sheets come last: they name the others.
        for name in sorted(found, key=lambda name: name.endswith(".css")):
            self._add(name, found[name].read_bytes())

    def url(self, name: str) -> str:
        """Return the address of a file; `name` is its path below ``static``."""
        return f"/static/{self._hashed[name]}"

    def blueprint(self) -> Blueprint:
        """Serve the files."""
        routes = Blueprint("assets", __name__)

        @routes.get("/static/<path:name>")
        def asset(name: str) -> Response:
            found = self._served.get(name)
            if found is None:
                raise NotFound
            response = Response(found.body, content_type=found.content_type)
            response.headers["Cache-Control"] = _FOREVER
            response.set_etag(found.etag)
            return response.make_conditional(request)  # type: ignore[return-value]

        return routes

    def _add(self, name: str, body: bytes) -> None:
        if name.endswith(".css"):
            body = _URL.sub(self._rewritten, body.decode()).encode()
        etag = hashlib.sha256(body).hexdigest()[:12]
        stem, dot, suffix = name.rpartition(".")
        hashed = f"{stem}.{etag}.{suffix}" if dot else f"{name}.{etag}"
        kind = _TYPES.get(f".{suffix}") or mimetypes.guess_type(name)[0] or "text/plain"
        text = "; charset=utf-8" if kind.startswith("text/") else ""
        self._hashed[name] = hashed
        self._served[hashed] = Asset(body=body, content_type=kind + text, etag=etag)

    def _rewritten(self, match: re.Match[str]) -> str:
        return f'url("/static/{self._hashed[match[1]]}")'


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        name = prefix + entry.name
        found += _walk(entry, f"{name}/") if entry.is_dir() else [(name, entry)]
    return found
