"""How gunicorn serves standalone: one process, many threads, gone within seconds when asked.

Read by gunicorn itself (``-c python:portus_standalone.gunicorn_config``), which takes the names
below as its settings.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import FrameType
from typing import Any

from portus_shared.tether import tether_worker
from portus_standalone.options import THREADS, Options

bind = str(Options.from_environ(os.environ).listen)
workers = 1
worker_class = "gthread"
threads = THREADS
timeout = 60
# What the runner allows (`up.SERVER_GRACE_S`) is a little more.
graceful_timeout = 2
keepalive = 15
# A push that mounts many layers asks for a token with as many scopes in one line.
limit_request_line = 8190
# A heartbeat file on a disk can block the worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
proc_name = "portus"


# The runner's end is gunicorn's end, and gunicorn's is the worker's.
post_fork = tether_worker


def post_worker_init(worker: Any) -> None:
    """End live streams as soon as the worker is asked to stop: it waits for its threads."""
    handle_exit = worker.handle_exit

    def end_streams_and_exit(number: int, frame: FrameType | None) -> None:
        worker.wsgi.end_streams()
        handle_exit(number, frame)

    signal.signal(signal.SIGTERM, end_streams_and_exit)


def worker_exit(server: Any, worker: Any) -> None:
    """Stop the loops before the process ends, if it came as far as having any."""
    del server
    application = getattr(worker, "wsgi", None)
    if application is not None:
        application.stop()
