from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.e2e.people import People, populate
from tests.e2e.product import DISTRIBUTED, FORMS, TOGETHER, Product

from portus_shared.testing.postgres import PostgreSQL


@pytest.fixture(scope="session", params=FORMS)
def product(
    request: pytest.FixtureRequest, registry_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """A running product whose admin is set up; shared by all tests that do not stop it.

    They run in both forms: all services in one process on SQLite, and each as processes of its
    own over RabbitMQ and PostgreSQL.
    """
    form: str = request.param
    with ExitStack() as stack:
        options: tuple[str, ...] = ()
        if form == DISTRIBUTED:
            request.getfixturevalue("rabbitmq_program")
            server: PostgreSQL = request.getfixturevalue("postgresql_server")
            options = ("--database", stack.enter_context(server.fresh_database()))
        running = Product(tmp_path_factory.mktemp(form), registry_binary, options, form)
        stack.callback(running.kill_everything)
        running.start()
        running.set_up()
        yield running


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
