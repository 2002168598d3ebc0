"""``/live`` and ``/metrics`` of a worker, which has no other HTTP; for the platform only.

``/live`` says that the process answers and how often each loop has failed in a row. A failing
loop makes it no less alive: its supervisor restarts it, and killing the others would not help.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Failures = Callable[[], Mapping[str, int]]


def serve_health(listen: str, failures: Failures) -> ThreadingHTTPServer:
    """Answer at `listen` (``host:port``) on a thread that ends with the process."""
    host, _, port = listen.rpartition(":")
    server = ThreadingHTTPServer((host.strip("[]"), int(port)), _handler(failures))
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server


def _handler(failures: Failures) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/live":
                body = json.dumps({"status": "ok", "failures": dict(failures())}).encode()
                self._answer(HTTPStatus.OK, "application/json", body)
            elif self.path == "/metrics":
                self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest())
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"")

        def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: probes come every few seconds."""

    return Handler
