from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.people import People, populate
from tests.e2e.product import DISTRIBUTED, FORMS, TOGETHER, Product


@pytest.fixture(scope="session", params=FORMS)
def product(
    request: pytest.FixtureRequest, registry_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """A running product whose admin is set up; shared by all tests that do not stop it.

    They run in both forms: all services in one process, and each as processes of its own.
    """
    form: str = request.param
    if form == DISTRIBUTED:
        request.getfixturevalue("rabbitmq_program")
    running = Product(tmp_path_factory.mktemp(form), registry_binary, form=form)
    running.start()
    running.set_up()
    yield running
    running.kill_everything()


@pytest.fixture(scope="session")
def people(product: Product) -> People:
    """A team with a person in every role, and a namespace of every visibility."""
    return populate(product)


@pytest.fixture
def own_product(
    request: pytest.FixtureRequest, registry_binary: Path, tmp_path: Path
) -> Iterator[Product]:
    """A product of one's own, not started yet; `in_both_forms` runs a test in either."""
    form: str = getattr(request, "param", TOGETHER)
    if form == DISTRIBUTED:
        request.getfixturevalue("rabbitmq_program")
    mine = Product(tmp_path, registry_binary, form=form)
    yield mine
    mine.kill_everything()
