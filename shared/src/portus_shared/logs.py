"""Logs: one JSON object a line, constant messages, everything variable in fields."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from pythonjsonlogger.json import JsonFormatter

_request_id: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)
_service: Final[ContextVar[str | None]] = ContextVar("service", default=None)


def logger(name: str) -> logging.Logger:
    """Return the logger of a module."""
    return logging.getLogger(name)


def current_request_id() -> str | None:
    """Return the id of the request or message being worked on."""
    return _request_id.get()


@contextmanager
def context(*, request_id: str | None = None, service: str | None = None) -> Iterator[None]:
    """Put a request id and a service name on every log line of the block."""
    tokens = (_request_id.set(request_id), _service.set(service or _service.get()))
    try:
        yield
    finally:
        _request_id.reset(tokens[0])
        _service.reset(tokens[1])


class _Context(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _request_id.get()
        if not hasattr(record, "service"):
            record.service = _service.get()
        return True


def configure(level: str, *, stream: object = None) -> None:
    """Send the root logger's records to standard error as JSON lines, once per process."""
    handler = logging.StreamHandler(stream or sys.stderr)  # type: ignore[arg-type]
    handler.addFilter(_Context())
    handler.setFormatter(
        JsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            datefmt="%Y-%m-%dT%H:%M:%S%z",
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # pika tells one lost connection in seven lines; `portus_shared.bus` says it in one.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    logging.getLogger("alembic").setLevel(logging.WARNING)
