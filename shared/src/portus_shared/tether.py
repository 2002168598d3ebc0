"""Tie a process's life to its parent's, so that nothing survives a killed one.

Linux only (``PR_SET_PDEATHSIG``); elsewhere a killed parent leaves its children running. The
kernel ties the child to the *thread* that forked it: fork from a thread that lives as long as
the process does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1


def tether_to(parent_pid: int) -> Callable[[], None]:
    """Return what a child calls after fork to be killed when `parent_pid` dies.

    The library is loaded here, in the parent: between fork and exec a child must do little.
    """
    if sys.platform != "linux":
        return _nothing
    prctl = ctypes.CDLL(None).prctl

    def tether() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent_pid:  # the parent died before the line above
            os._exit(1)

    return tether


def tether_worker(server: Any, worker: Any) -> None:
    """Tie gunicorn's worker to its arbiter: the hook ``post_fork``.

    By itself a worker looks once a second, and then still finishes what it is answering.
    """
    del server
    tether_to(worker.ppid)()


def _nothing() -> None:
    """Leave the process as it is."""
