"""Guessing at a service that asks auth who somebody is hinders no one but the guesser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from services.auth.tests.people import ADMIN, basic
from tests.agreement.house import House

from portus_auth.usecases.failures import LIMIT

REPOSITORIES = "/api/v1/repositories"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def asked(house: House, address: str, password: str) -> int:
    """Ask the catalogue as the admin, through a proxy that it trusts."""
    headers = basic("root", password) | {"X-Forwarded-For": f"203.0.113.1, {address}"}
    return house.catalogue.app.test_client().get(REPOSITORIES, headers=headers).status_code


def test_who_guesses_at_the_catalogue_waits_alone(house: House) -> None:
    guesses = [asked(house, "192.0.2.66", f"guess {number}") for number in range(LIMIT + 2)]
    assert guesses == [401] * LIMIT + [429] * 2
    assert asked(house, "192.0.2.7", ADMIN["password"]) == 200
