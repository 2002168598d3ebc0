import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from services.sync.tests.realm import ISSUER, SERVICE, Realm
from services.sync.tests.site_under_test import Site
from sqlalchemy import select

from portus_shared.contracts import codec
from portus_shared.contracts.event import Event
from portus_shared.db import Database
from portus_shared.keys import CertificateAuthority, Signer
from portus_shared.migrations import migrate
from portus_shared.outbox import outbox
from portus_shared.testing.clients import Skopeo
from portus_shared.testing.registry import NotifyEndpoint, Registry, TokenAuth
from portus_shared.testing.servers import serve
from portus_sync.app import MIGRATIONS, build
from portus_sync.config import SCHEMA, Settings, read

SECRET = "notify-secret"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, schema=SCHEMA)
    migrate(database, MIGRATIONS)
    yield database
    database.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read(
        {
            "PORTUS_DATABASE_URL": "sqlite:///unused",
            "PORTUS_BUS_URL": "inprocess:",
            "PORTUS_PUBLIC_URL": "http://portus.test",
            "PORTUS_AUTH_URL": "http://auth.test",
            "PORTUS_CA_CERT_FILE": str(tmp_path / "ca.pem"),
            "PORTUS_SERVICE_SECRET": "sync-secret",
            "PORTUS_WEBHOOK_SECRET": SECRET,
        }
    )


@pytest.fixture
def client(settings: Settings, database: Database) -> FlaskClient:
    return build(settings, database=database).test_client()


@pytest.fixture
def bearer(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Return the headers of a caller whom auth vouches for."""
    authority = CertificateAuthority.load_or_create(tmp_path / "ca.pem", tmp_path / "ca.key")
    signer = Signer(authority)

    def headers(*, admin: bool, name: str = "root") -> dict[str, str]:
        moment = int(time.time())
        token = signer.sign(
            {
                "iss": "portus-auth",
                "aud": "portus-api",
                "sub": name,
                "kind": "user" if name else "anonymous",
                "admin": admin,
                "exp": moment + 60,
                "nbf": moment - 5,
            }
        )
        return {"Authorization": f"Bearer {token}"}

    return headers


@pytest.fixture
def notify(client: FlaskClient) -> Callable[..., int]:
    """Post a body (or events) as a registry does; return the status."""

    def post(body: Any, **headers: str) -> int:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {SECRET}", **headers}
        return client.post("/v2/webhooks/events", data=raw, headers=given).status_code

    return post


@pytest.fixture
def published(database: Database) -> Callable[..., list[Event]]:
    """Return the events in the outbox, oldest first; given a type, only those."""

    def read_outbox(kind: type[Event] = Event) -> list[Event]:
        with database.read() as session:
            rows = session.execute(select(outbox).order_by(outbox.c.id)).all()
        events = [codec.decode(row.key, row.body.encode()) for row in rows]
        return [event for event in events if isinstance(event, kind)]

    return read_outbox


@pytest.fixture
def site(
    registry: Callable[..., Registry],
    skopeo: Skopeo,
    database: Database,
    settings: Settings,
    tmp_path: Path,
) -> Iterator[Site]:
    authority = CertificateAuthority.load_or_create(tmp_path / "ca.pem", tmp_path / "ca.key")
    realm = Realm(Signer(authority))
    web = build(settings, database=database)
    with serve(realm) as realm_url, serve(web) as sync_url:
        token_auth = TokenAuth(
            realm=f"{realm_url}/v2/token",
            service=SERVICE,
            issuer=ISSUER,
            root_cert_bundle=tmp_path / "ca.pem",
        )
        endpoint = NotifyEndpoint(
            url=f"{sync_url}/v2/webhooks/events",
            headers={"Authorization": "Bearer notify-secret"},
        )
        started = registry(auth=token_auth, notify=[endpoint])
        site = Site(started, realm, database, settings, skopeo, token_auth)
        yield site
        if site.supervisor:
            assert site.supervisor.stop()
