"""A whole auth on a real, migrated database, and people to call it with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from services.auth.tests.people import ADMIN, Caller, People

from portus_auth.app import MIGRATIONS, Auth, build, open_database
from portus_auth.config import Settings, read
from portus_shared.migrations import migrate


@pytest.fixture
def environ(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The settings of a small installation."""
    return {
        "PORTUS_DATABASE_URL": database_url,
        "PORTUS_BUS_URL": "inprocess:",
        "PORTUS_PUBLIC_URL": "http://portus.test",
        "PORTUS_CA_CERT_FILE": str(tmp_path / "ca.pem"),
        "PORTUS_CA_KEY_FILE": str(tmp_path / "ca.key"),
        "PORTUS_REGISTRY_URL": "http://registry.test:5000",
        "PORTUS_REGISTRY_EXTERNAL_HOST": "registry.test:5000",
        "PORTUS_SYNC_SECRET": "the secret of sync",
        "PORTUS_CATALOG_SECRET": "the secret of catalog",
        "PORTUS_UI_SECRET": "the secret of ui",
        "PORTUS_SETUP_CODE_FILE": str(tmp_path / "setup-code"),
    }


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return read(environ)


@pytest.fixture
def auth(settings: Settings) -> Iterator[Auth]:
    """auth before anybody has an account."""
    database = open_database(settings)
    migrate(database, MIGRATIONS)
    made = build(settings, database=database)
    yield made
    made.close()


@pytest.fixture
def setup_code(auth: Auth, settings: Settings) -> str:
    assert settings.setup_code_file
    return settings.setup_code_file.read_text().strip()


@pytest.fixture
def nobody(auth: Auth) -> Caller:
    """A caller without credentials."""
    return Caller(auth)


@pytest.fixture
def people(auth: Auth, nobody: Caller, setup_code: str) -> People:
    """The admin, and whoever they let in."""
    body = {"user": ADMIN, "setup_code": setup_code}
    answer = nobody.post("/api/v1/users/bootstrap", json=body)
    assert answer.status_code == 201, answer.text
    return People(auth, answer.json["plain_token"])
