"""A WSGI application behind a real socket, for tests that speak HTTP to it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.types import WSGIApplication

from werkzeug.serving import BaseWSGIServer, make_server


@contextmanager
def serve(application: WSGIApplication, port: int = 0) -> Iterator[str]:
    """Serve `application` in a thread per request and yield its base URL.

    Port 0 takes a free one. Leaving the block stops listening; a stream that is still open ends
    with its thread, which does not keep the interpreter alive.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port, application, threaded=True)
    _leave_open_streams_alone(server)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def _leave_open_streams_alone(server: BaseWSGIServer) -> None:
    """Let `server_close` return although a client still reads an event stream."""
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.block_on_close = False  # type: ignore[attr-defined]
