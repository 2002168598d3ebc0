"""What a log line of a child says: whether it is an error, and how a person reads it.

The services write JSON, the registry logfmt, gunicorn, nginx and RabbitMQ forms of their own.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

_SERIOUS_LEVELS: Final = frozenset({"error", "critical", "fatal"})
_SERIOUS_LINE: Final = re.compile(
    r"\blevel=(error|fatal|panic)\b|^panic: "
    r"|\[(ERROR|CRITICAL|error|crit|critical|alert|emerg|emergency)\]"
)
# The registry calls every refusal an error, also "have you this layer already?" answered with no.
_REFUSAL: Final = re.compile(r"\bhttp\.response\.status=4\d\d\b")
_UNINTERESTING: Final = frozenset(
    {"time", "level", "logger", "message", "exc_info", "request_id", "service"}
)


def serious(line: str) -> str | None:
    """Return an error's line as a person reads it, None for any other line."""
    fields = _fields(line)
    if fields is None:
        return line if _SERIOUS_LINE.search(line) and not _REFUSAL.search(line) else None
    if str(fields.get("level", "")).lower() not in _SERIOUS_LEVELS:
        return None
    return _sentence(fields)


def _fields(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


def _sentence(fields: dict[str, Any]) -> str:
    """Return level, place, message and particulars; of a traceback only its last line."""
    place = fields.get("service") or fields.get("logger") or ""
    particulars = {
        name: value
        for name, value in fields.items()
        if name not in _UNINTERESTING and value is not None
    }
    cause = str(fields.get("exc_info") or "").strip().rpartition("\n")[2]
    parts = [f"{fields['level']} {place}: {fields.get('message', '')}"]
    parts += [f"{name}={value}" for name, value in particulars.items()]
    return "  ".join([*parts, cause]).strip()
