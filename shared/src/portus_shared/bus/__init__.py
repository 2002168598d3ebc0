"""The bus: topic exchange ``portus.events`` on RabbitMQ, or the in-process one of standalone."""

from portus_shared.bus.in_process import InProcessBus
from portus_shared.bus.message import Message, message_of
from portus_shared.bus.opening import open_bus
from portus_shared.bus.port import Bus, BusUnavailable, ConsumerPaused, Deliver
from portus_shared.bus.rabbit import RabbitBus

__all__ = [
    "Bus",
    "BusUnavailable",
    "ConsumerPaused",
    "Deliver",
    "InProcessBus",
    "Message",
    "RabbitBus",
    "message_of",
    "open_bus",
]
