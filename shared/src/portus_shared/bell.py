"""A bell wakes the relay of the same service right after a commit.

Within one process it is a condition; between the web and worker processes of one host it is a
datagram to a Unix socket. A lost ring only costs the poll interval: the outbox is the truth.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from pathlib import Path
from typing import Protocol


class Bell(Protocol):
    """What commit rings and the relay waits for."""

    def ring(self) -> None:
        """Wake whoever waits; never blocks and never raises."""

    def wait(self, timeout_s: float) -> bool:
        """Wait for a ring, at most `timeout_s`; tell whether there was one."""

    def close(self) -> None:
        """Give up what the bell holds open."""


class LocalBell:
    """Ring within one process."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        """Wake the waiting thread, or the next one to wait."""
        self._event.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for a ring and take it."""
        rung = self._event.wait(timeout_s)
        self._event.clear()
        return rung

    def close(self) -> None:
        """Hold nothing, close nothing."""


class SocketBell:
    """Ring across the processes of one host through ``<directory>/<service>.bell``."""

    def __init__(self, directory: Path, service: str) -> None:
        self._path = directory / f"{service}.bell"
        self._sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sender.setblocking(False)
        self._listener: socket.socket | None = None

    def ring(self) -> None:
        """Send one byte; nobody listening or a full socket both mean no ring is needed."""
        with contextlib.suppress(OSError):
            self._sender.sendto(b"!", os.fspath(self._path))

    def wait(self, timeout_s: float) -> bool:
        """Listen (from the first call on) and drain all rings that came."""
        listener = self._listener or self._listen()
        if listener is None:
            time.sleep(timeout_s)
            return False
        if not select.select([listener], [], [], timeout_s)[0]:
            return False
        with contextlib.suppress(BlockingIOError):
            while listener.recv(16):
                pass
        return True

    def close(self) -> None:
        """Close both sockets; the file stays for the next process to replace."""
        self._sender.close()
        if self._listener is not None:
            self._listener.close()

    def _listen(self) -> socket.socket | None:
        """Bind the socket; a directory that cannot hold one leaves polling at `timeout_s`."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            listener.bind(os.fspath(self._path))
            listener.setblocking(False)
            self._listener = listener
        return self._listener


def bell_for(service: str, directory: Path | None) -> Bell:
    """Return the bell between processes where a directory is set, else the local one."""
    return SocketBell(directory, service) if directory else LocalBell()
