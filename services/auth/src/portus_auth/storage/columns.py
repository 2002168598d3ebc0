"""Values that no database has a type for."""

from __future__ import annotations

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from portus_shared.scopes import Scope, parse, written


class ScopesText(TypeDecorator[tuple[Scope, ...]]):
    """Store scopes in their own grammar, with spaces between them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[Scope, ...] | None, dialect: Dialect) -> str | None:
        """Write them down."""
        del dialect
        return None if value is None else " ".join(written(scope) for scope in value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[Scope, ...] | None:
        """Read them."""
        del dialect
        return None if value is None else tuple(parse(word) for word in value.split())
