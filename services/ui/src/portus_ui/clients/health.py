"""Whether the services are ready, asked of each one's own ``/ready``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

    def __init__(
        self, clients: Mapping[str, Client], own: Callable[[], Mapping[str, str | None]]
    ) -> None:
        self._clients = clients
        self._own = own

    def conditions(self) -> dict[str, Condition]:
        """Return each service's condition, ui's own last."""
        others = {name: _condition(client) for name, client in self._clients.items()}
        faults = [f"{part}: {fault}" for part, fault in self._own().items() if fault]
        own = Condition(ready=not faults, sentence="; ".join(faults) or "ready")
        return others | {"ui": own}


def _condition(client: Client) -> Condition:
    try:
        response = client.get("/ready")
        body: Any = response.json()
    except (Unavailable, ValueError):
        return Condition(ready=False, sentence="does not answer")
    parts = body.get("parts", {}) if isinstance(body, dict) else {}
    faults = [f"{part}: {fault}" for part, fault in parts.items() if fault != "ok"]
    return Condition(ready=response.ok, sentence="; ".join(faults) or "ready")
