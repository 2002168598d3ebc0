"""Choose the bus by its URL."""

from __future__ import annotations

from portus_shared.bus.in_process import InProcessBus
from portus_shared.bus.port import Bus
from portus_shared.bus.rabbit import RabbitBus


def open_bus(url: str) -> Bus:
    """Return the bus for ``amqp(s)://…`` or ``inprocess:``; it connects when first used."""
    if url.startswith("inprocess:"):
        return InProcessBus()
    if url.startswith(("amqp://", "amqps://")):
        return RabbitBus(url)
    message = "BUS_URL must begin with amqp://, amqps:// or inprocess:"
    raise ValueError(message)
