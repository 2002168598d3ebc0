"""The tree as the architecture tests read it: parsed, never imported."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SERVICES: Final = ("auth", "catalog", "sync", "ui")
DISTRIBUTIONS: Final = {
    "shared": ROOT / "shared",
    **{name: ROOT / "services" / name for name in SERVICES},
    "standalone": ROOT / "standalone",
}
_GROWN_BY_OTHERS: Final = frozenset(
    {".git", ".venv", "var", "build", "dist", "vendor", "node_modules", "__pycache__"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file; `name` is its path from the root, as it is reported."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def is_test(self) -> bool:
        return "tests" in self.path.relative_to(ROOT).parts

    def at(self, node: ast.stmt | ast.expr) -> str:
        """Say where `node` is, as editors open it."""
        return f"{self.name}:{node.lineno}"


def written_by_us(*patterns: str) -> Iterator[Path]:
    """Yield the files of the tree that people write, for instance ``*.css``."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in _GROWN_BY_OTHERS)
        for name in sorted(files):
            if any(Path(name).match(pattern) for pattern in patterns):
                yield Path(folder, name)


@cache
def all_sources() -> tuple[Source, ...]:
    """Return every Python file of the tree."""
    return tuple(_parsed(path) for path in written_by_us("*.py"))


def sources_of(distribution: str) -> tuple[Source, ...]:
    """Return the Python files that a distribution installs."""
    home = DISTRIBUTIONS[distribution] / "src"
    return tuple(source for source in all_sources() if source.path.is_relative_to(home))


def imported_modules(source: Source) -> Iterator[tuple[str, ast.stmt]]:
    """Yield each absolute module name that the file imports, with where."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` for such an expression, else an empty string."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=owner, attr=name) if outer := dotted(owner):
            return f"{outer}.{name}"
    return ""


def imported_names(source: Source) -> dict[str, str]:
    """Return what each imported name of a file stands for, as a full dotted name."""
    names: dict[str, str] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {
                alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names
            }
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str:
    """Return the full name that an expression like ``auth.TeamChanged`` stands for."""
    first, _, rest = dotted(node).partition(".")
    start = names.get(first, first)
    return f"{start}.{rest}" if rest else start


def _parsed(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path=path, text=text, tree=ast.parse(text, str(path)))
