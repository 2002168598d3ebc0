"""Waiting for something to become true, and ports that nobody listens on."""

import random
import socket
import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

_SERVER_PORTS: Final = range(20_000, 32_000)
_FIRST_PAUSE_S: Final = 0.005
_LONGEST_PAUSE_S: Final = 0.1


def wait_until(condition: Callable[[], T], timeout_s: float = 10.0, *, what: str = "") -> T:
    """Call `condition` until it returns something true, and return that.

    Raises `AssertionError`, naming `what` was waited for, when `timeout_s` have passed.
    """
    deadline = time.monotonic() + timeout_s
    pause_s = _FIRST_PAUSE_S
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() >= deadline:
            wanted = what or getattr(condition, "__qualname__", repr(condition))
            raise AssertionError(f"not true after {timeout_s:g} s: {wanted} (last: {result!r})")
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that was free a moment ago.

    It lies below the ports that the system gives to outgoing connections: whoever tries to reach
    a server that is down would else now and then be given its port and keep it from coming back.
    """
    for port in random.sample(_SERVER_PORTS, len(_SERVER_PORTS)):
        if can_bind(port):
            return port
    raise AssertionError("no port is free")


def can_bind(port: int) -> bool:
    """Tell whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        # As servers do: connections of a former listener that are ending do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def is_listening(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether something accepts connections there now."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, port)) == 0
