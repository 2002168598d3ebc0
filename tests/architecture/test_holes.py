"""Each of the original's thirteen security holes has a test that is named by its number."""

import ast
import re
from typing import Final

from tests.architecture.sources import all_sources

HOLES: Final = set(range(1, 14))
_NAME: Final = re.compile(r"test_a(\d+)_")


def test_every_hole_has_a_test_by_its_number() -> None:
    names = [
        node.name
        for source in all_sources()
        if source.is_test
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef)
    ]
    numbers = {int(found[1]) for found in map(_NAME.match, names) if found}
    assert numbers == HOLES
