"""docs/compatibility.md tells what is tested, no more and no less."""

import re
from pathlib import Path

import pytest
from tests.clients.page import PAGE, rendered
from tests.clients.site import at

from portus_shared.testing.image_clients import ImageClient, version_of

# The package that a Debian 12 has is patched, its first three numbers stay.
DEBIAN = Path("/etc/debian_version")


def told_version(what: str) -> str:
    found = re.search(
        rf"^\| {re.escape(what)} \|.*?(\d+\.\d+\.\d+) \|$", PAGE.read_text(), re.MULTILINE
    )
    assert found, f"the page does not tell the version of {what}"
    return found[1]


def test_the_page_tells_what_is_tested() -> None:
    page = PAGE.read_text()
    assert page == rendered(page), "run: .venv/bin/python -m tests.clients.update"


@at("docker", "podman", "buildah", "skopeo", "ctr")
def test_the_page_tells_the_versions_that_debian_12_has(client: str, nobody: ImageClient) -> None:
    demand_debian_12()
    assert nobody.version == told_version(client)


def test_the_page_tells_the_version_of_registry_2(registry2_binary: Path) -> None:
    demand_debian_12()
    assert version_of(registry2_binary) == told_version("registry 2.8")


def test_the_page_tells_the_version_of_registry_3(registry3_binary: Path) -> None:
    assert version_of(registry3_binary) == told_version("registry 3.x")


def demand_debian_12() -> None:
    if not (DEBIAN.exists() and DEBIAN.read_text().startswith("12")):
        pytest.skip("the page tells the versions of Debian 12")
