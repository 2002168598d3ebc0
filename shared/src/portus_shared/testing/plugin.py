"""The pytest plugin that gives every test real components.

A component is started when the first test asks for it, once for each test process, and each test
gets a part of it that no other test has seen: a database, a virtual host, a registry. A missing
program skips the test, and the end of the run says what to install; with ``CI=true`` the test
fails instead.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page

from portus_shared.testing.clients import (
    Skopeo,
    find_chromium,
    find_nginx,
    find_skopeo,
    open_browser,
)
from portus_shared.testing.containerd import Containerd
from portus_shared.testing.docker_engine import DockerEngine
from portus_shared.testing.image_stores import find_buildah, find_podman
from portus_shared.testing.missing import NOT_RUN, NotInstalled, present
from portus_shared.testing.postgres import PostgreSQL
from portus_shared.testing.rabbitmq import RabbitMQ, find_rabbitmq
from portus_shared.testing.registry import Registry, find_registry
from portus_shared.testing.registry_versions import find_registry2, find_registry3

# Deadlines measure the machine, not the code, where two processors carry several servers.
settings.register_profile("portus", deadline=None)
settings.load_profile("portus")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """A private PostgreSQL."""
    with present(PostgreSQL) as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: PostgreSQL) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with postgresql_server.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'test.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database; the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def nginx_program() -> Path:
    """The nginx program."""
    return present(find_nginx)


@pytest.fixture(scope="session")
def rabbitmq_program() -> Path:
    """The program of a RabbitMQ node."""
    return present(find_rabbitmq)


@pytest.fixture(scope="session")
def rabbitmq_node() -> Iterator[RabbitMQ]:
    """A private RabbitMQ. A test that kills its broker starts one of its own instead."""
    with present(RabbitMQ) as node:
        yield node


@pytest.fixture
def rabbitmq_url(rabbitmq_node: RabbitMQ) -> Iterator[str]:
    """The AMQP URL of an empty virtual host."""
    with rabbitmq_node.fresh_vhost() as url:
        yield url


@pytest.fixture(scope="session")
def registry_binary() -> Path:
    """The registry program."""
    return present(find_registry)


@pytest.fixture(scope="session")
def registry2_binary() -> Path:
    """A registry program of Distribution 2.x."""
    return present(find_registry2)


@pytest.fixture(scope="session")
def registry3_binary() -> Path:
    """A registry program of Distribution 3.x, the one component that even CI may lack."""
    try:
        return find_registry3()
    except NotInstalled as absent:
        pytest.skip(f"{NOT_RUN}{absent.install}")


@pytest.fixture
def registry(registry_binary: Path, tmp_path: Path) -> Iterator[Callable[..., Registry]]:
    """Start registries: `registry(auth=TokenAuth(…), notify=[NotifyEndpoint(…)], port=…)`."""
    with ExitStack() as running:

        def start(name: str = "registry", **options: Any) -> Registry:
            return running.enter_context(Registry(registry_binary, tmp_path / name, **options))

        yield start


@pytest.fixture
def skopeo(skopeo_program: Path, tmp_path: Path) -> Skopeo:
    """Skopeo with a home of its own."""
    home = tmp_path / "skopeo"
    home.mkdir()
    return Skopeo(skopeo_program, home)


@pytest.fixture(scope="session")
def containerd() -> Iterator[Containerd]:
    """A private containerd."""
    with present(Containerd) as engine:
        yield engine


@pytest.fixture(scope="session")
def docker_engine(containerd: Containerd) -> Iterator[DockerEngine]:
    """A private Docker engine."""
    with present(lambda: DockerEngine(containerd)) as engine:
        yield engine


@pytest.fixture(scope="session")
def podman_program() -> Path:
    """The podman program, for tests that run as root."""
    return present(find_podman)


@pytest.fixture(scope="session")
def buildah_program() -> Path:
    """The buildah program, for tests that run as root."""
    return present(find_buildah)


@pytest.fixture(scope="session")
def skopeo_program() -> Path:
    """The skopeo program."""
    return present(find_skopeo)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with open_browser(present(find_chromium)) as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page in a browser profile of its own."""
    with chromium.new_context() as context:
        yield context.new_page()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end which tests did not run and what would make them run."""
    absent: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        if NOT_RUN in reason:
            install = reason.partition(NOT_RUN)[2]
            absent[install] = absent.get(install, 0) + 1
    if absent:
        terminalreporter.section("not run", yellow=True)
    for install, tests in sorted(absent.items()):
        terminalreporter.line(f"{tests} tests {NOT_RUN}{install}")
