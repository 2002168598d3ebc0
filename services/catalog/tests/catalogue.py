"""The catalogue as its neighbours see it: events in, REST out; and the words tests speak in."""

import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
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
from portus_shared.contracts import auth, codec, sync
from portus_shared.contracts.event import Event
from portus_shared.db import Database
from portus_shared.keys import Signer
from portus_shared.outbox import outbox

REGISTRY = "default"
HOST = "registry.test:5080"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EPOCH = datetime(2026, 11, 1, 12, tzinfo=UTC)
TEAM_ID = 7
MEMBERS = {"olga": "owner", "carl": "contributor", "vera": "viewer"}
ROLE_ACTIONS = {
    "owner": ("pull", "push", "delete"),
    "contributor": ("pull", "push"),
    "viewer": ("pull",),
}


class Catalogue:
    """Deliver events as the bus does and ask as a client does."""

    def __init__(self, database: Database, folder: Path) -> None:
        authority = CertificateAuthority.load_or_create(folder / "ca.pem", folder / "ca.key")
        settings = read(
            {
                "PORTUS_DATABASE_URL": "sqlite:///given",
                "PORTUS_BUS_URL": "inprocess:",
                "PORTUS_PUBLIC_URL": "http://portus.test",
                "PORTUS_CA_CERT_FILE": str(folder / "ca.pem"),
            }
        )
        self.database = database
        self._signer = Signer(authority)
        self._consumer = consumer(database)
        self.app = build(settings, database=database)
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
        headers = {} if who is None else {"Authorization": f"Bearer {self.token(who)}"}
        method = options.pop("method", "GET")
        return self._client.open(path, method=method, headers=headers, **options)

    def gets(self, path: str, who: str = "root", **query: Any) -> Any:
        """GET as somebody who must get an answer."""
        response = self.asks(path, who, query_string=query)
        assert response.status_code == 200, response.text
        return response.json

    def token(self, who: str, *, scopes: list[str] | None = None) -> str:
        """Return an API token as auth signs them; "root" is an admin, "" nobody."""
        claims = {
            "iss": "portus-auth",
            "sub": who,
            "aud": "portus-api",
            "kind": "user" if who else "anonymous",
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


def digest_of(text: str) -> str:
    """Return a digest that is the same for the same word."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def team(*, revision: int = 10, members: dict[str, str] | None = None) -> auth.TeamChanged:
    roles = MEMBERS if members is None else members
    return auth.TeamChanged(
        team_id=TEAM_ID,
        name="web team",
        hidden=False,
        revision=revision,
        members=tuple(auth.Member(username=name, role=role) for name, role in roles.items()),
    )


def namespace(
    name: str = "web",
    visibility: str = "private",
    *,
    namespace_id: int = 3,
    revision: int = 10,
    extra: Sequence[auth.Grant] = (),
) -> auth.NamespaceChanged:
    """Return a namespace with the grants that auth's rules lead to."""
    grants = [grant("admin", "", "pull", "push", "delete"), *extra]
    grants += [grant("team_role", f"{TEAM_ID}:{role}", *may) for role, may in ROLE_ACTIONS.items()]
    if visibility == "public":
        grants.append(grant("anonymous", "", "pull"))
    if visibility in {"public", "protected"}:
        grants.append(grant("user", "*", "pull"))
    return auth.NamespaceChanged(
        registry=REGISTRY,
        namespace_id=namespace_id,
        namespace=name,
        team_id=TEAM_ID,
        visibility=visibility,
        description="",
        revision=revision,
        grants=tuple(grants),
    )


def grant(kind: str, subject: str, *actions: str, prefix: str = "") -> auth.Grant:
    return auth.Grant(path_prefix=prefix, subject_kind=kind, subject=subject, actions=actions)


def registry(*, revision: int = 10) -> auth.RegistryChanged:
    return auth.RegistryChanged(
        registry=REGISTRY,
        url="http://registry:5000",
        external_host=HOST,
        ca=None,
        enabled=True,
        revision=revision,
    )


def pushed(
    reference: str, content: str, at: int, *, by: str | None = "carl", media_type: str = MANIFEST
) -> sync.ManifestPushed:
    """Return a push of ``repository:tag`` (or ``repository`` alone) at a second."""
    repository, _, tag = reference.partition(":")
    return sync.ManifestPushed(
        registry=REGISTRY,
        repository=repository,
        digest=digest_of(content),
        media_type=media_type,
        actor=by,
        occurred_at=moment(at),
        observed_at=stamp(at),
        tag=tag or None,
    )


def deleted(
    repository: str, at: int, *, content: str | None = None, tag: str | None = None
) -> sync.ManifestDeleted:
    return sync.ManifestDeleted(
        registry=REGISTRY,
        repository=repository,
        actor="olga",
        occurred_at=moment(at),
        observed_at=stamp(at),
        digest=digest_of(content) if content else None,
        tag=tag,
    )


def described(repository: str, content: str, **facts: Any) -> sync.ManifestDescribed:
    """Return a description; by default of a linux/amd64 image of 1,000 bytes in two layers."""
    given: dict[str, Any] = {
        "media_type": MANIFEST,
        "size_bytes": 1000,
        "config": sync.ImageConfig(
            digest=digest_of(f"config of {content}"), os="linux", architecture="amd64"
        ),
        "layers": tuple(
            sync.Layer(digest=digest_of(f"{content} {n}"), media_type="tar", size_bytes=n)
            for n in range(2)
        ),
        "raw": '{"schemaVersion": 2}',
    }
    return sync.ManifestDescribed(
        registry=REGISTRY,
        repository=repository,
        digest=digest_of(content),
        observed_at=stamp(0),
        **{**given, **facts},
    )


def observed(
    repository: str,
    tags: dict[str, str],
    at: int,
    *,
    scan: str = "scan-1",
    part: int = 1,
    parts: int = 1,
) -> sync.RepositoryObserved:
    return sync.RepositoryObserved(
        scan_id=scan,
        registry=REGISTRY,
        repository=repository,
        observed_at=stamp(at),
        part=part,
        parts=parts,
        tags=tuple(
            sync.ObservedTag(tag=tag, digest=digest_of(content), media_type=MANIFEST)
            for tag, content in tags.items()
        ),
    )


def stamp(at: int) -> int:
    """Return the stamp of a second of the story."""
    return int(moment(at).timestamp() * 1_000_000)


def moment(at: int) -> datetime:
    """Return the time of a second of the story."""
    return EPOCH + timedelta(seconds=at)
