"""Servers that say their names and what they were asked, and fronts before them."""

import json
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, is_listening, wait_until
from portus_standalone.addresses import Address
from portus_standalone.distributed.front import NGINX, front
from portus_standalone.options import Options
from portus_standalone.state import State


class NamedServer:
    """One service; its stream writes the second event after `go_on`, and then until it is left."""

    def __init__(self, name: str) -> None:
        self.go_on = threading.Event()
        self.was_left = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.named, self._server.name = self, name
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def start_front(kind: str, ports: Mapping[str, int], directory: Path, stack: ExitStack) -> str:
    """Start a front as the runner does, and return its address."""
    listen = Address(host="127.0.0.1", port=free_port())
    options = Options(
        data=directory,
        listen=listen,
        registry_listen=Address.parse("127.0.0.1:5080"),
        distributed=True,
        front=kind,
    )
    state = State(directory)
    state.ports.write_text(json.dumps(ports))
    child = front(options, state, ports, print)
    assert (kind == NGINX) == (child.argv[0] != sys.executable)
    environ = {**os.environ, **child.env}
    process = stack.enter_context(Process(child.argv, log=directory / "log", env=environ))
    wait_until(lambda: is_listening(listen.port), 20, what=f"{kind}: {process.output()}")
    return f"http://{listen}"


class _Server(ThreadingHTTPServer):
    named: NamedServer
    name: str


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if self.path == "/stream":
            self._stream(self.server.named)
        else:
            self._answer(json.dumps(self._heard()).encode())

    def do_POST(self) -> None:
        self.do_GET()

    def do_HEAD(self) -> None:
        self.do_GET()

    def _heard(self) -> dict[str, Any]:
        length = int(self.headers.get("Content-Length", 0))
        return {
            "path": self.path,
            "headers": {key.lower(): value for key, value in self.headers.items()},
            "body": self.rfile.read(length).decode(),
        }

    def _answer(self, body: bytes) -> None:
        self.send_response(418 if self.path == "/two-cookies" else 200)
        self.send_header("Service", self.server.name)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _stream(self, named: NamedServer) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("X-Accel-Buffering", "no")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"data: 1\n\n")
        named.go_on.wait(20)
        try:
            for number in range(2, 1000):
                self.wfile.write(f"data: {number}\n\n".encode())
                named.was_left.wait(0.05)
        except OSError:
            named.was_left.set()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""
