"""The catalogue as its neighbours see it: events in, REST out."""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from portus_catalog.app import build
from portus_catalog.config import read
from portus_catalog.consumers import consumer
from portus_shared.authority import CertificateAuthority
from portus_shared.bus import message_of
from portus_shared.bus.parked import parked
from portus_shared.contracts import codec
from portus_shared.contracts.event import Event
from portus_shared.db import Database
from portus_shared.http import Client
from portus_shared.keys import Signer
from portus_shared.outbox import outbox


class Catalogue:
    """Deliver events as the bus does and ask as a client does."""

    def __init__(self, database: Database, folder: Path, auth: Client | None = None) -> None:
        authority = CertificateAuthority.load_or_create(folder / "ca.pem", folder / "ca.key")
        settings = read(
            {
                "PORTUS_DATABASE_URL": "sqlite:///given",
                "PORTUS_BUS_URL": "inprocess:",
                "PORTUS_PUBLIC_URL": "http://portus.test",
                "PORTUS_CA_CERT_FILE": str(folder / "ca.pem"),
                "PORTUS_SERVICE_SECRET": "the secret of catalog",
                "PORTUS_CATALOG_TRUSTED_PROXIES": "1",
            }
        )
        self.database = database
        self._signer = Signer(authority)
        self._consumer = consumer(database)
        self.app = build(settings, database=database, auth=auth)
        self._client = self.app.test_client()

    def hears(self, *events: Event) -> None:
        """Deliver events in one batch; every one must be handled."""
        self._consumer.deliver([message_of(event, source="test") for event in events])
        with self.database.read() as session:
            failures = session.execute(select(parked.c.key, parked.c.reason)).all()
        assert failures == []

    def published(self, kind: type[Event] = Event) -> list[Any]:
        """Return the events in the outbox, oldest first; given a type, only those."""
        with self.database.read() as session:
            rows = session.execute(select(outbox).order_by(outbox.c.id)).all()
        events = [codec.decode(row.key, row.body.encode()) for row in rows]
        return [event for event in events if isinstance(event, kind)]

    def asks(self, path: str, who: str | None = "root", **options: Any) -> TestResponse:
        """GET as somebody; None sends no credentials, "" asks as an anonymous caller."""
        method, kind = options.pop("method", "GET"), options.pop("kind", "user")
        headers = {} if who is None else {"Authorization": f"Bearer {self.token(who, kind=kind)}"}
        return self._client.open(path, method=method, headers=headers, **options)

    def gets(self, path: str, who: str = "root", **query: Any) -> Any:
        """GET as somebody who must get an answer."""
        response = self.asks(path, who, query_string=query)
        assert response.status_code == 200, response.text
        return response.json

    def token(self, who: str, *, scopes: list[str] | None = None, kind: str = "user") -> str:
        """Return an API token as auth signs them; "root" is an admin, "" nobody."""
        claims = {
            "iss": "portus-auth",
            "sub": who,
            "aud": "portus-api",
            "kind": kind if who else "anonymous",
            "admin": who == "root",
            "user_id": 1 if who else None,
            "scopes": scopes,
            "exp": int(time.time()) + 60,
            "iat": int(time.time()),
            "nbf": int(time.time()) - 5,
        }
        return self._signer.sign(claims)

    def repository(self, full_name: str, who: str = "root") -> Any:
        """Return the one repository with this name."""
        (found,) = self.gets("/api/v1/repositories", who, full_name=full_name)
        return found

    def images(self, full_name: str, **query: Any) -> Any:
        """Return the images of a repository."""
        repository_id = self.repository(full_name)["id"]
        return self.gets(f"/api/v1/repositories/{repository_id}/images", **query)

    def tags(self, full_name: str) -> dict[str, str]:
        """Return the tags of a repository with what they point to; none if it is not there."""
        found = self.gets("/api/v1/repositories", full_name=full_name)
        if not found:
            return {}
        tags = self.gets(f"/api/v1/repositories/{found[0]['id']}/tags", all="true")
        return {tag["name"]: tag["digest"] for tag in tags}
