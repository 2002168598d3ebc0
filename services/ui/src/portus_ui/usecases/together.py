"""Ask several services at once, so that a page takes as long as the slowest of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Generic, TypeVar

from portus_shared.errors import Unavailable

T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending(Generic[T]):
    """An answer under way."""

    future: Future[T]

    def get(self) -> T:
        """Wait for the answer; raises what the call raised."""
        return self.future.result()

    def get_or(self, default: D) -> T | D:
        """Wait for the answer; return `default` when the service is away."""
        try:
            return self.future.result()
        except Unavailable:
            return default


class Together:
    """Start calls on a small pool of threads, each with the request's log context."""

    def __init__(self, threads: int = 16) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="ui-call")

    def start(self, call: Callable[[], T]) -> Pending[T]:
        """Start one call."""
        return Pending(future=self._pool.submit(copy_context().run, call))

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)
