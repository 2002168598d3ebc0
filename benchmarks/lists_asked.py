"""What `lists.py` asks for: the lists of each service, and who asks."""

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import lists_rows as rows, lists_services as services
from flask import Flask

from portus_auth import app as auth
from portus_auth.config import read as auth_settings
from portus_catalog import app as catalog
from portus_catalog.config import read as catalog_settings
from portus_shared.authority import CertificateAuthority
from portus_shared.db import Database
from portus_shared.keys import Signer
from portus_sync import app as sync
from portus_sync.config import read as sync_settings

Asking = Callable[[str, str], int]
"""Ask for a path as somebody, and return the status."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A service, how its database is filled, and what is asked of it."""

    service: str
    migrations: str
    fill: Callable[[Database, str], None]
    build: Callable[[Database, Mapping[str, str]], Flask]
    paths: Mapping[str, str]
    callers: Sequence[str] = ("root", "u1", "")

    def open(self, database: Database, folder: Path) -> Asking:
        """Make the service's application and the tokens of its callers."""
        authority = CertificateAuthority.load_or_create(folder / "ca.pem", folder / "ca.key")
        signer = Signer(authority)
        environ = {
            "PORTUS_DATABASE_URL": "sqlite:///given",
            "PORTUS_BUS_URL": "inprocess:",
            "PORTUS_PUBLIC_URL": "http://portus.test",
            "PORTUS_AUTH_URL": "http://auth.test",
            "PORTUS_CA_CERT_FILE": str(folder / "ca.pem"),
            "PORTUS_CA_KEY_FILE": str(folder / "ca.key"),
            "PORTUS_REGISTRY_URL": "http://r.test:5000",
            "PORTUS_REGISTRY_EXTERNAL_HOST": "r.test:5000",
            "PORTUS_SERVICE_SECRET": "secret",
            "PORTUS_SYNC_SECRET": "the secret of sync",
            "PORTUS_CATALOG_SECRET": "the secret of catalog",
            "PORTUS_UI_SECRET": "the secret of ui",
            "PORTUS_WEBHOOK_SECRET": "secret",
        }
        client = self.build(database, environ).test_client()

        def ask(path: str, who: str) -> int:
            headers = {"Authorization": f"Bearer {_token(signer, who)}"}
            return client.get(f"/api/v1{path}", headers=headers).status_code

        return ask


def _token(signer: Signer, who: str) -> str:
    at = int(time.time())
    claims = {
        "iss": "portus-auth",
        "sub": who,
        "aud": "portus-api",
        "kind": "user" if who else "anonymous",
        "admin": who == "root",
        "user_id": {"root": 1, "u1": 2}.get(who),
        "scopes": None,
    }
    return signer.sign({**claims, "exp": at + 60, "iat": at, "nbf": at - 5})


def _after(*position: str | int) -> str:
    text = json.dumps(position, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _catalog(database: Database, environ: Mapping[str, str]) -> Flask:
    return catalog.build(catalog_settings(environ), database=database)


def _auth(database: Database, environ: Mapping[str, str]) -> Flask:
    return auth.build(auth_settings(environ), database=database).rest


def _sync(database: Database, environ: Mapping[str, str]) -> Flask:
    return sync.build(sync_settings(environ), database=database)


_TAGS = f"/repositories/{rows.BIG}/tags"
_IMAGES = f"/repositories/{rows.BIG}/images"
_LATE = rows.moment(rows.ACTIVITIES // 10).isoformat()
CATALOG = {
    "repositories": "/repositories",
    "repositories, page 90": "/repositories?page=90",
    "repositories, page 6,000": "/repositories?page=6000",
    "repositories, followed": f"/repositories?after={_after(90_000, 90_000)}",
    "repositories by full name": "/repositories?sort_attr=full_name&limit=25",
    "repositories by name": "/repositories?sort_attr=name&limit=25",
    "repositories by change": "/repositories?sort_attr=updated_at&sort_order=desc&limit=25",
    "repositories by size": "/repositories?sort_attr=size_bytes&sort_order=desc&limit=25",
    "repositories, searched: many": "/repositories?q=app7&sort_attr=full_name&limit=10",
    "repositories, searched: one": "/repositories?q=app70707&sort_attr=full_name&limit=10",
    "repositories, searched: none": "/repositories?q=nothing&sort_attr=full_name&limit=10",
    "repositories of a namespace": "/repositories?namespace=ns0",
    "repository by full name": "/repositories?full_name=ns0/app1000",
    "repositories, counted by namespace": "/repositories/counts",
    "tags": _TAGS,
    "tags, page 6,000": f"{_TAGS}?page=6000",
    "tags, followed": f"{_TAGS}?after={_after(90_000, 90_000)}",
    "tags by name": f"{_TAGS}?sort_attr=name&limit=25",
    "tags by change": f"{_TAGS}?sort_attr=updated_at&sort_order=desc&limit=25",
    "tag by name": f"{_TAGS}?name=v77",
    "images": _IMAGES,
    "images, followed": f"{_IMAGES}?after={_after(rows.moment(10_000).isoformat(), 10_000)}",
    "images, filtered": f"{_IMAGES}?filter=v777",
    "manifest": f"/repositories/{rows.BIG}/manifests/{rows.digest_of(77)}",
    "history": f"/repositories/{rows.BIG}/history?tag=v77",
    "all tags": "/tags",
    "all tags, page 6,000": "/tags?page=6000",
    "all tags, followed": f"/tags?after={_after(150_000, 150_000)}",
    "all tags by change": "/tags?sort_attr=updated_at&sort_order=desc&limit=25",
    "activities": "/activities",
    "activities, followed": f"/activities?after={_after(_LATE, rows.ACTIVITIES // 10)}",
    "activities of a repository": "/activities?repository_id=1000",
    "activities of a namespace": "/activities?namespace=ns0",
    "orphans": "/repositories/orphans",
}
AUTH = {
    "users": "/users",
    "users, page 600": "/users?page=600",
    "users by name": "/users?sort_attr=username",
    "teams": "/teams",
    "teams by name": "/teams?sort_attr=name",
    "members": "/teams/1/members",
    "namespaces": "/namespaces",
    "namespaces, page 600": "/namespaces?page=600",
    "namespaces by name": "/namespaces?sort_attr=name",
    "tokens": "/users/2/application_tokens",
    "robots": "/robots",
    "decisions": "/decisions",
    "decisions, denied": "/decisions?outcome=denied",
    "decisions, failed": "/decisions?outcome=failed",
    "decisions of a user": "/decisions?user=u77",
    "decisions of a repository": "/decisions?repository=ns7/app",
}
SYNC = {
    "deletions": "/deletions",
    "deletions, failed": "/deletions?status=failed",
    "deletions, waiting": "/deletions?status=waiting",
    "deletions, done": "/deletions?status=done",
    "drift": "/drift",
    "drift, moved": "/drift?kind=moved",
    "drift, gone": "/drift?kind=gone",
    "drift of a scan": "/drift?scan=scan 3",
    "scans": "/scans",
    "quarantine": "/quarantine",
}
LISTS = (
    Listed(
        service="auth",
        migrations=auth.MIGRATIONS,
        fill=services.auth,
        build=_auth,
        paths=AUTH,
        callers=("root", "u1"),
    ),
    Listed(
        service="sync",
        migrations=sync.MIGRATIONS,
        fill=services.sync,
        build=_sync,
        paths=SYNC,
        callers=("root", "u1"),
    ),
    Listed(
        service="catalog",
        migrations=catalog.MIGRATIONS,
        fill=rows.catalog,
        build=_catalog,
        paths=CATALOG,
    ),
)
