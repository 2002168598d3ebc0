"""Strings that any database can hold."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields


class Text(fields.String):
    """A string that any database can hold: no NUL, no half of a surrogate pair."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        if "\x00" in text or (not text.isascii() and _is_broken(text)):
            raise ValidationError("contains characters that cannot be stored")
        return text


def _is_broken(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)
