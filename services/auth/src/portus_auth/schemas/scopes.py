"""Scopes as clients write them."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import ValidationError, fields

from portus_auth.schemas.text import Text
from portus_shared.scopes import Scope, parse, written

MAX_SCOPES: Final = 50


class ScopeText(Text):
    """One scope, such as ``team/*:pull,push``."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return parse(super()._deserialize(value, *args, **kwargs))
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = written(value) if isinstance(value, Scope) else value
        return super()._serialize(text, *args, **kwargs)


class Scopes(fields.List[Any]):
    """Scopes; forms, which have no lists, send one text with spaces between them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(ScopeText(), **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        words = value.split() if isinstance(value, str) else value
        scopes = list(dict.fromkeys(super()._deserialize(words, *args, **kwargs)))
        if not scopes:
            raise ValidationError("cannot be empty")
        if len(scopes) > MAX_SCOPES:
            raise ValidationError(f"cannot be more than {MAX_SCOPES}")
        return scopes
