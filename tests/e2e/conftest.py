from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.people import People, populate
from tests.e2e.product import Product


@pytest.fixture(scope="session")
def product(registry_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running product whose admin is set up; shared by all tests that do not stop it."""
    running = Product(tmp_path_factory.mktemp("product"), registry_binary)
    running.start()
    running.set_up()
    yield running
    running.kill_everything()


@pytest.fixture(scope="session")
def people(product: Product) -> People:
    """A team with a person in every role, and a namespace of every visibility."""
    return populate(product)


@pytest.fixture
def own_product(registry_binary: Path, tmp_path: Path) -> Iterator[Product]:
    """A product of one's own, not started yet."""
    mine = Product(tmp_path, registry_binary)
    yield mine
    mine.kill_everything()
