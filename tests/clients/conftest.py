from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import uuid4

import pytest
from tests.clients.site import REGISTRIES, Site
from tests.e2e.people import populate
from tests.e2e.product import Product

from portus_shared.testing.containerd import Containerd, Ctr
from portus_shared.testing.docker_engine import Docker, DockerEngine
from portus_shared.testing.image_clients import ImageClient
from portus_shared.testing.image_stores import Buildah, Podman, SkopeoClient

HERE: Final = Path(__file__).parent
Opener = Callable[[Path], ImageClient]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Engines and two products take a while to start."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", params=REGISTRIES)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Portus with a registry of one generation, and people in every role."""
    registry: str = request.param
    binary: Path = request.getfixturevalue(f"registry{registry[0]}_binary")
    product = Product(tmp_path_factory.mktemp("site"), binary)
    try:
        product.start()
        product.set_up()
        yield Site(registry=registry, binary=binary, product=product, people=populate(product))
    finally:
        product.kill_everything()


@pytest.fixture(scope="session")
def open_docker(docker_engine: DockerEngine) -> Opener:
    return partial(Docker, docker_engine)


@pytest.fixture(scope="session")
def open_ctr(containerd: Containerd) -> Opener:
    return partial(Ctr, containerd)


@pytest.fixture(scope="session")
def open_podman(podman_program: Path) -> Iterator[Opener]:
    # podman refuses a run root of more than 50 characters; pytest's own folders can be longer.
    with TemporaryDirectory(prefix="podman-") as directory:
        yield partial(Podman, podman_program, Path(directory))


@pytest.fixture(scope="session")
def open_buildah(buildah_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Opener:
    return partial(Buildah, buildah_program, tmp_path_factory.mktemp("buildah"))


@pytest.fixture(scope="session")
def open_skopeo(skopeo_program: Path) -> Opener:
    return partial(SkopeoClient, skopeo_program)


@pytest.fixture
def nobody(client: str, request: pytest.FixtureRequest, tmp_path: Path) -> ImageClient:
    """The client under test, signed in as nobody."""
    opener: Opener = request.getfixturevalue(f"open_{client}")
    return opener(tmp_path / "nobody")


@pytest.fixture
def signed_in(
    client: str, site: Site, request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[str], ImageClient]:
    """Open the client under test as somebody: `signed_in("owner")`."""
    opener: Opener = request.getfixturevalue(f"open_{client}")

    def sign_in(role: str) -> ImageClient:
        opened = opener(tmp_path / role)
        if credentials := site.people.credentials(role):
            opened.login(site.host, credentials).required()
        return opened

    return sign_in


@pytest.fixture
def publish(client: str, site: Site, open_skopeo: Opener, tmp_path: Path) -> Callable[..., str]:
    """Put an image nobody has seen into a namespace: `publish("public")` is its repository."""

    def push(namespace: str, *, role: str = "owner", platforms: bool = False) -> str:
        publisher = open_skopeo(tmp_path / f"publisher-{namespace}")
        credentials = site.people.credentials(role)
        assert credentials
        publisher.login(site.host, credentials).required()
        name = uuid4().hex
        reference = site.reference(f"{namespace}/{name}")
        build = publisher.build_index if platforms else publisher.build
        build(reference, f"{client} {name}")
        publisher.push(reference).required()
        return f"{namespace}/{name}"

    return push
