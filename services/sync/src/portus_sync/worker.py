"""The composition root of sync's loops; one process for all services runs them too."""

from collections.abc import Sequence

from portus_shared.bus.loops import messaging_loops
from portus_shared.bus.port import Bus
from portus_shared.clock import Stamps
from portus_shared.db import Database
from portus_shared.http import Client
from portus_shared.worker import Loop
from portus_sync.config import Settings
from portus_sync.consumers import consumer
from portus_sync.loops.context import Context
from portus_sync.loops.deleting import Deleting
from portus_sync.loops.describing import Describing
from portus_sync.loops.housekeeping import Housekeeping
from portus_sync.loops.removing import Removing
from portus_sync.loops.scanning import Scanning
from portus_sync.registry.clients import RegistryClients
from portus_sync.registry.tokens import TokenSource


def loops(
    settings: Settings, *, database: Database, bus: Bus, auth: Client | None = None
) -> Sequence[Loop]:
    """Make all loops; `auth` replaces the HTTP client to auth where it lives in this process."""
    service = settings.service
    tokens = TokenSource(auth or Client(service.auth_url), service.service_secret)
    context = Context(database=database, stamps=Stamps(), clients=RegistryClients(tokens))
    timed = Housekeeping(
        database,
        scan_interval_s=settings.scan_interval_s,
        retention_days=settings.retention_days,
    )
    return [
        *messaging_loops(database, bus, consumer(database)),
        Loop(name="sync-describe", run=Describing(context).run),
        Loop(name="sync-scan", run=Scanning(context, threads=settings.scan_threads).run),
        Loop(name="sync-remove", run=Removing(context).run),
        Loop(name="sync-delete", run=Deleting(context).run),
        Loop(name="sync-timed", run=timed.run),
    ]
