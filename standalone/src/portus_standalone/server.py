"""The one server process: all services behind one origin (``gunicorn … server:create_app()``)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIEnvironment

from portus_shared import logs
from portus_standalone.composition import Services, compose
from portus_standalone.options import Options
from portus_standalone.origin import Origin
from portus_standalone.state import State

_LOOPS_END_WITHIN_S: Final = 1.0


class Server:
    """The WSGI callable, and the end of what runs beside it."""

    def __init__(self, services: Services, registry_host: str) -> None:
        self._services = services
        self._origin = Origin(services.applications, registry_host)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self._origin(environ, start_response)

    def end_streams(self) -> None:
        """End the live streams from a signal handler: on a thread, which may wait for locks."""
        threading.Thread(target=self._services.end_streams, name="end-streams").start()

    def stop(self) -> None:
        """Stop the loops; what they leave undone is in the databases."""
        self._services.stop(_LOOPS_END_WITHIN_S)


def create_app() -> Server:
    """Build everything in the process that serves it; the runner holds the data directory."""
    logs.configure(os.environ.get("PORTUS_LOG_LEVEL", "info"))
    options = Options.from_environ(os.environ)
    state = State(options.data)
    return Server(compose(options, state, state.secrets()), options.registry_host)
