"""gunicorn, started from code: gthread workers, so that one slow client stalls nobody.

The application is built in each worker after the fork: database pools, broker connections and
signing keys must not be shared between processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication

from portus_shared.tether import tether_worker

GRACE_S: Final = 20
_THREADS: Final = 16


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, build: Callable[[], WSGIApplication], options: dict[str, Any]) -> None:
        self._build = build
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        return self._build()


def serve(build: Callable[[], WSGIApplication], *, listen: str, **options: Any) -> None:
    """Serve until SIGTERM, then finish what is being answered within 20 s.

    Worker processes: WEB_CONCURRENCY, else one; `options` are gunicorn settings.
    """
    settings = {
        "bind": listen,
        "worker_class": "gthread",
        "workers": int(os.environ.get("WEB_CONCURRENCY", "1")),
        "threads": _THREADS,
        "graceful_timeout": GRACE_S,
        "timeout": 60,
        "keepalive": 5,
        # The default of 4,094 cuts the long scope lists that registry clients ask the realm for.
        "limit_request_line": 8190,
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: PTH112, S108
        "control_socket_disable": True,
        "post_fork": tether_worker,
        "accesslog": None,
        "errorlog": "-",
        "worker_exit": _close,
        "loglevel": "warning",
        **options,
    }
    _Server(build, settings).run()


def _close(_server: Any, worker: Any) -> None:
    """Let an application that holds back work finish it before its process ends."""
    close = getattr(getattr(worker, "wsgi", None), "close", None)
    if close is not None:
        close()
