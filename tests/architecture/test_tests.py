"""Tests tell the truth: real components, no luck, and a reason for whatever does not run."""

import ast
from collections.abc import Iterator
from typing import Final

from tests.architecture.sources import (
    Source,
    all_sources,
    dotted,
    full_name,
    imported_modules,
    imported_names,
)

_SKIPS: Final = frozenset(
    {"pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail", "pytest.xfail"}
)


def of_tests() -> Iterator[Source]:
    return (source for source in all_sources() if source.is_test)


def test_whatever_is_skipped_says_why() -> None:
    silent = [
        f"{source.at(node)} {dotted(node)}"
        for source in of_tests()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and dotted(node) in _SKIPS
        if not _says_why(source, node)
    ]
    assert silent == []


def test_no_test_waits_by_the_clock() -> None:
    sleeps = [
        source.at(node)
        for source in of_tests()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and full_name(node.func, imported_names(source)) == "time.sleep"
    ]
    assert sleeps == [], "wait for a condition: portus_shared.testing.waiting.wait_until"


def test_no_test_replaces_the_thing_it_tests() -> None:
    mocks = [
        f"{source.at(node)} {module}"
        for source in of_tests()
        for module, node in imported_modules(source)
        if module.startswith(("unittest.mock", "mock.", "pytest_mock", "responses", "freezegun"))
    ]
    assert mocks == [], "use the real component: portus_shared.testing"


def _says_why(source: Source, mark: ast.Attribute) -> bool:
    """Tell whether the mark is called with a reason (skipif and xfail need it by name)."""
    calls = (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))
    call = next((each for each in calls if each.func is mark), None)
    if call is None:
        return False
    named = {keyword.arg for keyword in call.keywords}
    return "reason" in named or (mark.attr in {"skip", "xfail"} and bool(call.args))
