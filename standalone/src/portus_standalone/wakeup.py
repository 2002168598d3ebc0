"""Wait for signals and for the output of children in one place."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType
from typing import IO, Any, Final

_READ_BYTES: Final = 65536


class Wakeup:
    """Count requests to stop, and hand children's output to whoever asked for it."""

    def __init__(self) -> None:
        self.stops = 0
        self._selector = selectors.DefaultSelector()
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._selector.register(self._reader, selectors.EVENT_READ)

    @contextlib.contextmanager
    def handling(self, *stop_signals: signal.Signals) -> Iterator[None]:
        """Count `stop_signals` and wake up for dead children; put the old handlers back."""
        old = {one: signal.signal(one, self._note_stop) for one in stop_signals}
        # A handler must exist for SIGCHLD to reach the wake-up socket.
        old[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _note_nothing)
        old_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(old_fd)
            for one, handler in old.items():
                signal.signal(one, handler)

    def watch(self, pipe: IO[bytes], take: Callable[[bytes], None]) -> None:
        """Give `take` everything that comes out of `pipe` until it ends."""
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, selectors.EVENT_READ, take)

    def forget(self, pipe: IO[bytes]) -> None:
        """Take what is left in `pipe`, then watch it no more."""
        with contextlib.suppress(KeyError):
            key = self._selector.get_key(pipe)
            while self._pass_on(key.fileobj, key.data):
                pass
            self._selector.unregister(pipe)
        pipe.close()

    def wait(self, timeout_s: float | None) -> None:
        """Wait for a signal, output, or the time to pass."""
        for key, _ in self._selector.select(timeout_s):
            if key.fileobj is self._reader:
                self._drain_signals()
            elif not self._pass_on(key.fileobj, key.data):
                self._selector.unregister(key.fileobj)

    def close(self) -> None:
        """Close the selector and the wake-up socket."""
        self._selector.close()
        self._reader.close()
        self._writer.close()

    def _pass_on(self, pipe: Any, take: Callable[[bytes], None]) -> bool:
        """Take one piece; tell whether there may be more."""
        try:
            data = os.read(pipe.fileno(), _READ_BYTES)
        except BlockingIOError:
            return False
        if data:
            take(data)
        return bool(data)

    def _drain_signals(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._reader.recv(_READ_BYTES):
                pass

    def _note_stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.stops += 1


def _note_nothing(number: int, frame: FrameType | None) -> None:
    del number, frame
