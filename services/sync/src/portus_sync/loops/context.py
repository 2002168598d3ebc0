"""What every loop that asks registries needs."""

from dataclasses import dataclass

from portus_shared.clock import Stamps, now
from portus_shared.db import Database
from portus_sync.registry.client import RegistryClient
from portus_sync.registry.clients import RegistryClients
from portus_sync.registry.errors import RegistryError
from portus_sync.storage import registries
from portus_sync.usecases.publish import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """sync's database, its order of observations, and the way to the registries."""

    database: Database
    stamps: Stamps
    clients: RegistryClients

    def client(self, registry: str) -> RegistryClient:
        """Return a registry's client; raises `RegistryError` for one that auth did not name."""
        with self.database.read() as session:
            known = registries.by_name(session, registry)
            if known is None or not known.enabled:
                raise RegistryError(f"no registry {registry} is in use")
            return self.clients.at(known.url, known.ca)

    def seen(self, registry: str) -> Seen:
        """Stamp what is about to be asked: what happens later must win."""
        return Seen(registry=registry, observed_at=self.stamps.next(), at=now())
