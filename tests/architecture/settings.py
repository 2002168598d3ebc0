"""Which settings each distribution reads, from its source."""

import ast
from collections.abc import Iterator
from typing import Final

from tests.architecture.sources import DISTRIBUTIONS, Source, sources_of

_READS: Final = frozenset(
    {"text", "secret", "integer", "boolean", "choice", "url", "path", "words"}
)
_COMMON: Final = "read_service"


def settings_by_reader() -> dict[str, set[str]]:
    """Return who reads each setting, for instance ``{"PORTUS_BUS_URL": {"auth", …}}``."""
    readers: dict[str, set[str]] = {}
    common = {name for source in sources_of("shared") for name in _read_in(source)}
    for distribution in DISTRIBUTIONS:
        if distribution == "shared":
            continue
        for source in sources_of(distribution):
            for name in [*_read_in(source), *(common if _reads_common(source) else ())]:
                readers.setdefault(f"PORTUS_{name}", set()).add(distribution)
    return readers


def _read_in(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr=method), args=[ast.Constant(value=str(name)), *_]
            ) if method in _READS and name.isupper():
                yield name


def _reads_common(source: Source) -> bool:
    return source.path.stem == "config" and any(
        isinstance(node, ast.Name) and node.id == _COMMON for node in ast.walk(source.tree)
    )
