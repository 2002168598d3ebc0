"""The registry client against a real registry with token authentication."""

from pathlib import Path

import pytest
from services.sync.tests.site_under_test import Site

from portus_shared.testing.images import build_image
from portus_sync.registry.errors import Refused, RegistryError


def test_client_pages_through_a_catalogue_and_reuses_its_tokens(site: Site, tmp_path: Path) -> None:
    image = build_image(tmp_path / "image")
    for name in ("a", "a/b", "a-b", "zz/top"):
        site.push(image, f"{name}:v1")
    client = site.client()
    site.realm.asked.clear()
    assert set(client.repositories()) == {"a", "a/b", "a-b", "zz/top"}
    assert set(client.repositories()) == {"a", "a/b", "a-b", "zz/top"}
    assert client.tags("a/b") == client.tags("a/b") == ["v1"]
    assert sorted(site.realm.asked) == ["registry:catalog:*", "repository:a/b:pull"]


def test_client_tells_missing_things_from_errors(site: Site, tmp_path: Path) -> None:
    site.push(build_image(tmp_path / "image"), "a:v1")
    client = site.client()
    absent = "sha256:" + "0" * 64
    assert client.tags("nobody/knows") == []
    assert client.head("a", "v2") is None
    assert client.manifest("a", absent) is None
    assert client.blob("a", absent, limit_bytes=10) is None
    site.registry.kill()
    with pytest.raises(RegistryError):
        client.head("a", "v2")


def test_client_with_the_wrong_secret_is_refused(site: Site) -> None:
    with pytest.raises(Refused):
        list(site.client("wrong").repositories())
