"""All services behind one origin, in this process, with something in each to be asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from wsgiref.types import WSGIApplication

from services.catalog.tests.events import described, digest_of
from services.sync.tests.sync_samples import envelope, event
from tests.agreement.house import House
from werkzeug.test import Client as Browser

import portus_sync.app
import portus_sync.config
import portus_ui.app
import portus_ui.config
from portus_shared.bus import InProcessBus, message_of
from portus_shared.clock import now
from portus_shared.contracts.auth import RegistryChanged
from portus_shared.db import Database
from portus_shared.http import Client, WsgiAdapter
from portus_shared.migrations import migrate
from portus_standalone.origin import Origin
from portus_sync.consumers import consumer
from portus_sync.storage import deletions
from portus_sync.storage.deletions import Wanted

HOOK: Final = "the secret of the registry"


class Site:
    """`app` answers all that is public; `admin` and `person` are headers of callers."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        people, environ = self.house.people, _environ(folder)
        auth = Client("http://auth", transport=WsgiAdapter(self.house.auth))
        settings = portus_sync.config.read(environ)
        self._sync_database = Database(f"sqlite:///{folder}/sync.sqlite", schema="sync")
        migrate(self._sync_database, portus_sync.app.MIGRATIONS)
        sync = portus_sync.app.build(settings, database=self._sync_database, auth=auth)
        clients = {
            "auth": auth,
            "catalog": Client("http://catalog", transport=WsgiAdapter(self.house.catalogue.app)),
            "sync": Client("http://sync", transport=WsgiAdapter(sync)),
        }
        environ |= {
            "PORTUS_SERVICE_SECRET": "the secret of ui",
            "PORTUS_DATABASE_URL": f"sqlite:///{folder}/ui.sqlite",
        }
        self._ui = portus_ui.app.build(
            portus_ui.config.read(environ), bus=InProcessBus(), clients=clients
        )
        migrate(self._ui.database, portus_ui.app.MIGRATIONS)
        catalogue = self.house.catalogue.app
        self.flasks = (self.house.auth.rest, catalogue, sync, self._ui.app)
        services: dict[str, WSGIApplication] = {
            "auth": self.house.auth,
            "catalog": catalogue,
            "sync": sync,
            "ui": self._ui.app,
        }
        self.app = Origin(services, "registry.test:5000")
        self.admin = people.root.headers
        self.person = people["ada"].headers
        self._fill()

    def is_whole(self) -> bool:
        """Tell whether both callers are still let in, and as whom they were."""
        browser = Browser(self.app)
        users = [browser.get("/api/v1/users", headers=who) for who in (self.admin, self.person)]
        return [answer.status_code for answer in users] == [200, 403]

    def close(self) -> None:
        self._ui.close()
        self._ui.database.close()
        self._sync_database.close()
        self.house.close()

    def _fill(self) -> None:
        catalogue = self.house.catalogue
        catalogue.hears(described("ada/app", "ada/app"), described("shop/app", "shop/app"))
        registry = RegistryChanged(
            registry="default",
            url="http://registry.test",
            external_host="registry.test:5000",
            ca=None,
            enabled=True,
            revision=1,
        )
        consumer(self._sync_database).deliver([message_of(registry, source="auth")])
        browser, shown = Browser(self.app), {"Authorization": f"Bearer {HOOK}"}
        for body in (envelope(event(), event("pull")), {"events": [{"no": "sense"}]}):
            answer = browser.post("/v2/webhooks/events", json=body, headers=shown)
            assert answer.status_code == 202
        with self._sync_database.write() as session:
            wanted = Wanted(
                registry="default", repository="ada/app", digest=digest_of("x"), tag="1"
            )
            deletions.ask(session, "1", wanted, requested_by="ada", at=now())


def _environ(folder: Path) -> dict[str, str]:
    return {
        "PORTUS_DATABASE_URL": "sqlite:///unused",
        "PORTUS_BUS_URL": "inprocess:",
        "PORTUS_PUBLIC_URL": "http://portus.test",
        "PORTUS_CA_CERT_FILE": str(folder / "ca.pem"),
        "PORTUS_SERVICE_SECRET": "the secret of sync",
        "PORTUS_WEBHOOK_SECRET": HOOK,
    }
