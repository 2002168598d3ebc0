"""Strings and moments that any database can hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from marshmallow import ValidationError, fields

_LAST_YEAR: Final = 9999


class Text(fields.String):
    """A string that any database can hold: no NUL, no half of a surrogate pair."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        if "\x00" in text or (not text.isascii() and _is_broken(text)):
            raise ValidationError("contains characters that cannot be stored")
        return text


class Moment(fields.AwareDateTime):
    """A moment in ISO 8601; without a zone it is UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> datetime:
        moment = super()._deserialize(value, *args, **kwargs)
        # Near the ends of the calendar a moment in one zone may be none in another.
        if not 1 < moment.year < _LAST_YEAR:
            raise ValidationError("is not a date that can be stored")
        return moment


def _is_broken(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)
