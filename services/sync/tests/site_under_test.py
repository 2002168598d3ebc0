"""A site: a registry with token authentication that notifies a served sync."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.sync.tests.realm import PUSHER, Realm

from portus_shared.bus.in_process import InProcessBus
from portus_shared.bus.message import message_of
from portus_shared.config import Secret
from portus_shared.contracts.auth import RegistryChanged
from portus_shared.contracts.event import Event
from portus_shared.db import Database
from portus_shared.http import Client, WsgiAdapter
from portus_shared.testing.clients import Skopeo
from portus_shared.testing.images import Layout
from portus_shared.testing.registry import Registry, TokenAuth
from portus_shared.testing.waiting import wait_until
from portus_shared.worker import Supervisor
from portus_sync.config import Settings
from portus_sync.consumers import consumer
from portus_sync.registry.client import RegistryClient
from portus_sync.registry.tokens import TokenSource
from portus_sync.registry.transport import Transport
from portus_sync.worker import loops

Published = Callable[..., list[Any]]

soon = partial(wait_until, timeout_s=30.0)


@dataclass
class Site:
    """A registry that notifies a served sync whose loops run."""

    registry: Registry
    realm: Realm
    database: Database
    settings: Settings
    skopeo: Skopeo
    token_auth: TokenAuth
    supervisor: Supervisor | None = None

    def auth(self) -> Client:
        return Client("http://auth.test", transport=WsgiAdapter(self.realm))

    def client(self, secret: str = "sync-secret") -> RegistryClient:
        tokens = TokenSource(self.auth(), Secret(secret))
        return RegistryClient(Transport(self.registry.url, None, tokens))

    def hear(self, event: Event) -> None:
        consumer(self.database).deliver([message_of(event, source="test")])

    def announce(self, **changes: Any) -> None:
        known = {
            "registry": "main",
            "url": self.registry.url,
            "external_host": self.registry.host,
            "ca": None,
            "enabled": True,
            "revision": 1,
        }
        self.hear(RegistryChanged(**{**known, **changes}))

    def start(self) -> None:
        """Run the loops, but for the relay: what is published stays to be looked at."""
        made = loops(self.settings, database=self.database, bus=InProcessBus(), auth=self.auth())
        self.supervisor = Supervisor([loop for loop in made if loop.name != "sync-relay"])
        self.supervisor.start()

    def push(self, layout: Layout, name: str) -> None:
        self.skopeo.push(layout, f"{self.registry.host}/{name}", PUSHER)
