import os

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes and a container engine, unless `--containers` asked for it."""
    if os.environ.get("PORTUS_TEST_CONTAINERS"):
        return
    left_out = [item for item in items if item.get_closest_marker("containers")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
