"""Portus beside one registry, as clients of the registry and people at its pages see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pytest
from tests.clients.words import EXIT_CODE
from tests.e2e.people import People
from tests.e2e.product import Product

from portus_shared.testing.image_clients import Outcome

REGISTRIES: Final = ("2.8", "3.x")
CLIENTS: Final = ("docker", "podman", "buildah", "skopeo", "ctr")


def at(*clients: str) -> pytest.MarkDecorator:
    """Run a test once at each of these clients."""
    assert set(clients) <= set(CLIENTS)
    return pytest.mark.parametrize("client", clients)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A product beside a registry of one generation."""

    registry: str
    binary: Path
    product: Product
    people: People

    @property
    def host(self) -> str:
        return self.product.host

    def reference(self, repository: str, tag: str = "1") -> str:
        return f"{self.host}/{repository}:{tag}"

    def soon_tagged(
        self,
        repository: str,
        tag: str = "1",
        *,
        when: Callable[[dict[str, Any]], Any] = lambda image: image["described"],
    ) -> dict[str, Any]:
        """Return the image of a tag as soon as the catalogue shows it and `when` holds."""

        def found() -> dict[str, Any] | None:
            for image in self.product.images(repository):
                if any(each["name"] == tag for each in image["tags"]) and when(image):
                    return image
            return None

        image: dict[str, Any] = self.product.soon(found, f"{repository}:{tag} is in the catalogue")
        return image

    def is_gone(self, repository: str) -> bool:
        """Tell whether the catalogue shows a repository no more: its last image was deleted."""
        return self.product.repository(repository) is None

    def mounts(self, source: str, target: str) -> list[str]:
        """Return what the registry wrote when it took layers of `source` for `target`."""
        asked = f"/v2/{target}/blobs/uploads/?"
        taken = f"from={source}"
        done = "http.response.status=201"
        lines = (unquote(line) for line in self.registry_log().splitlines())
        return [line for line in lines if asked in line and taken in line and done in line]

    def registry_log(self) -> str:
        return (self.product.data / "log" / "registry.log").read_text()


def assert_refused(outcome: Outcome, client: str, words: Mapping[str, str], reference: str) -> None:
    """Hold what a client said and how it ended against what the documentation tells."""
    repository = reference.rpartition(":")[0]
    host = reference.partition("/")[0]
    said = unescaped(outcome.said)
    assert outcome.exit_code == EXIT_CODE[client], said
    expected = words[client].format(host=host, repository=repository)
    assert expected in said, f"not {expected!r} but {said!r}"


def unescaped(said: str) -> str:
    """Return a log line of skopeo as a person would read it."""
    return said.replace('\\"', '"')
