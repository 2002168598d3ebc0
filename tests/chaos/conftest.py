from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.chaos.site import Site
from tests.e2e.product import DISTRIBUTED, Product

from portus_shared.testing.postgres import PostgreSQL


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    """A PostgreSQL that may be killed, and keeps what it has committed."""
    with PostgreSQL(durable=True) as server:
        yield server


@pytest.fixture(scope="module")
def site(
    database: PostgreSQL,
    registry_binary: Path,
    rabbitmq_program: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """The distributed product on PostgreSQL and a RabbitMQ of its own."""
    assert rabbitmq_program.exists()
    with database.fresh_database() as url:
        product = Product(
            tmp_path_factory.mktemp("chaos"),
            registry_binary,
            options=("--database", url),
            form=DISTRIBUTED,
        )
        runner = product.start()
        product.set_up()
        yield Site(product, runner, product.add_person("ada"))
        product.kill_everything()
