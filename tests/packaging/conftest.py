"""Wheels are built once for all packaging tests."""

from pathlib import Path

import pytest
from tests.packaging.isolation import build_wheels


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel of every distribution, by its name in the tree."""
    return build_wheels(tmp_path_factory.mktemp("packaging"))
