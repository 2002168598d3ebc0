"""Nothing grows past what one screenful and one thought can hold."""

import ast
from typing import Final

from tests.architecture.sources import ROOT, all_sources, written_by_us

_LONGEST_FILE: Final = 250
_LONGEST_FUNCTION: Final = 40
_VAGUE: Final = frozenset({"util", "utils", "helper", "helpers", "common", "misc"})


def test_no_file_is_longer_than_250_lines() -> None:
    files = written_by_us("*.py", "*.js", "*.css", "*.html", "*.jinja", "*.sh", "portus", "run")
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in files
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > _LONGEST_FILE
    }
    assert long == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = {
        f"{source.at(node)} {node.name}": lines
        for source in all_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > _LONGEST_FUNCTION
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [
        path.relative_to(ROOT).as_posix()
        for path in written_by_us("*.py")
        if _VAGUE & {path.stem, path.parent.name}
    ]
    assert vague == []
