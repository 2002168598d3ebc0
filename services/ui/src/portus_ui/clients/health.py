"""Whether the services are ready, asked of each one's own ``/ready``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portus_shared.errors import Unavailable
from portus_shared.http import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One service's condition in words."""

    ready: bool
    sentence: str


class Health:
    """Ask every service."""

    def __init__(self, clients: Mapping[str, Client]) -> None:
        self._clients = clients

    def conditions(self) -> dict[str, Condition]:
        """Return each service's condition."""
        return {name: _condition(client) for name, client in self._clients.items()}

    def is_up(self, name: str) -> bool:
        """Tell whether one service is ready."""
        return _condition(self._clients[name]).ready


def _condition(client: Client) -> Condition:
    try:
        response = client.get("/ready")
        body: Any = response.json()
    except (Unavailable, ValueError):
        return Condition(ready=False, sentence="does not answer")
    parts = body.get("parts", {}) if isinstance(body, dict) else {}
    faults = [f"{part}: {fault}" for part, fault in parts.items() if fault != "ok"]
    return Condition(ready=response.ok, sentence="; ".join(faults) or "ready")
