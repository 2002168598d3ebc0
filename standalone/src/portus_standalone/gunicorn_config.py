"""How gunicorn serves standalone: one process, many threads, gone within seconds when asked.

Read by gunicorn itself (``-c python:portus_standalone.gunicorn_config``), which takes the names
below as its settings. Each open page holds one thread for its live stream.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from portus_standalone.options import Options
from portus_standalone.tether import tether_to

bind = str(Options.from_environ(os.environ).listen)
workers = 1
worker_class = "gthread"
threads = 128
timeout = 60
# What the runner allows (`up.SERVER_GRACE_S`) is a little more.
graceful_timeout = 2
keepalive = 15
# A heartbeat file on a disk can block the worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
proc_name = "portus"


def post_fork(server: Any, worker: Any) -> None:
    """Tie the worker to gunicorn's own process, as that is tied to the runner."""
    del server
    tether_to(worker.ppid)()


def worker_exit(server: Any, worker: Any) -> None:
    """Stop the loops before the process ends."""
    del server
    if worker.wsgi is not None:
        worker.wsgi.stop()
