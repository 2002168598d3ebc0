"""Which settings each distribution reads, from its source."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.architecture.sources import DISTRIBUTIONS, Source, sources_of

_READS: Final = frozenset(
    {"text", "secret", "integer", "boolean", "choice", "url", "path", "words"}
)
_FULL_NAME: Final = re.compile(r"PORTUS_[A-Z]")
_COMMON: Final = "read_service"


def settings_by_reader() -> dict[str, set[str]]:
    """Return who reads each setting, for instance ``{"PORTUS_BUS_URL": {"auth", …}}``."""
    readers: dict[str, set[str]] = {}
    installed = (each for each in sources_of("shared") if "testing" not in each.path.parts)
    common = {name for source in installed for name in _read_in(source)}
    for distribution in DISTRIBUTIONS:
        if distribution == "shared":
            continue
        for source in sources_of(distribution):
            for name in [*_read_in(source), *(common if _reads_common(source) else ())]:
                readers.setdefault(f"PORTUS_{name}", set()).add(distribution)
    return readers


def settings_without_a_name() -> list[str]:
    """Return where a setting is read by a name that only exists at run time."""
    return [
        source.at(call)
        for distribution in DISTRIBUTIONS
        for source in sources_of(distribution)
        for call in _reads(source)
        if not isinstance(call.args[0], ast.Constant)
    ]


def _read_in(source: Source) -> Iterator[str]:
    for call in _reads(source):
        match call.args[0]:
            case ast.Constant(value=str(name)):
                yield name.removeprefix("PORTUS_")


def _reads(source: Source) -> Iterator[ast.Call]:
    """Yield the calls of a `Reader` named reader, and look-ups of PORTUS_* in an environment."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="reader"), attr=method), args=[_, *_]
            ) if method in _READS:
                yield node
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if _FULL_NAME.match(name):
                yield node


def _reads_common(source: Source) -> bool:
    return source.path.stem == "config" and any(
        isinstance(node, ast.Name) and node.id == _COMMON for node in ast.walk(source.tree)
    )
