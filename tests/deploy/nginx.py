"""The real nginx: as the edge, with its real configuration, and as the proxy of docs/deploy.md."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

from tests.deploy.kubectl import K8S, ROOT

from portus_shared.keys import CertificateAuthority
from portus_shared.testing.clients import find_nginx
from portus_shared.testing.missing import present
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, is_listening, wait_until

CONFIG: Final = (K8S / "edge" / "nginx.conf").read_text()
NAMES: Final = ("auth", "sync", "catalog", "ui", "registry")
_AROUND: Final = """
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
{server}
}}
"""


@contextmanager
def edge(directory: Path) -> Iterator[int]:
    """Run the edge before servers that say their names, and yield its port."""
    port = free_port()
    with ExitStack() as stack:
        names = (K8S / "edge" / "names.conf").read_text()
        for name in NAMES:
            server = stack.enter_context(_named_server(name))
            names = re.sub(rf"server {name}:\d+", f"server 127.0.0.1:{server.server_port}", names)
        (directory / "names.conf").write_text(names)
        config = CONFIG.replace("/tmp/", f"{directory}/").replace("listen 8080", f"listen {port}")
        config = config.replace("/etc/nginx/names.conf", str(directory / "names.conf"))
        stack.enter_context(_running(directory, config, port))
        yield port


@contextmanager
def proxy_of_the_docs(directory: Path, behind: int) -> Iterator[int]:
    """Run the proxy with TLS that docs/deploy.md shows before `behind`, and yield its port."""
    port = free_port()
    server = re.search(r"```nginx\n(.*?)```", (ROOT / "docs" / "deploy.md").read_text(), re.DOTALL)
    assert server
    certificate, key = directory / "cert.pem", directory / "key.pem"
    CertificateAuthority.load_or_create(certificate, key)  # Any certificate will do.
    replaced: Mapping[str, str] = {
        "/etc/ssl/portus.pem": str(certificate),
        "/etc/ssl/portus.key": str(key),
        "listen 443 ssl": f"listen {port} ssl",
        "127.0.0.1:8080": f"127.0.0.1:{behind}",
    }
    text = server[1]
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    with _running(directory, _AROUND.format(directory=directory, server=text), port):
        yield port


@contextmanager
def _running(directory: Path, config: str, port: int) -> Iterator[None]:
    file = directory / "nginx.conf"
    file.write_text(config)
    program = present(find_nginx)
    checked = subprocess.run(
        [program, "-t", "-c", file], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    process = Process([program, "-c", file, "-g", "daemon off;"], log=directory / "log")
    try:
        wait_until(lambda: is_listening(port), what="nginx listens")
        yield
    finally:
        process.stop()


class _Named(ThreadingHTTPServer):
    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


def _named_server(name: str) -> _Named:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Service", name)
            self.send_header("Heard", self.headers.get("X-Forwarded-For", ""))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Named(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server
