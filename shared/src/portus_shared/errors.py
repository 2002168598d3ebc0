"""The kinds of failure that domain and use cases may raise.

Services subclass a kind by meaning (``class LastOwner(Conflict): code = "last-owner"``); the web
edge maps the kind to a status in one place (``portus_shared.web.problems``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar


class PortusError(Exception):
    """Carry a sentence for people and a stable code for programs."""

    code: ClassVar[str] = "error"
    default_message: ClassVar[str] = "Something went wrong"

    def __init__(self, message: str | None = None) -> None:
        self.message = message or self.default_message
        super().__init__(self.message)


class NotFound(PortusError):
    """Say that a thing does not exist, or may not be seen by this caller."""

    code = "not-found"
    default_message = "Not found"


class Conflict(PortusError):
    """Say that the present state does not allow the change."""

    code = "conflict"
    default_message = "The request conflicts with the present state"


class Denied(PortusError):
    """Say that the caller may see the thing but not do this to it."""

    code = "denied"
    default_message = "Authorization fails"


class Unauthenticated(PortusError):
    """Say that valid credentials are needed."""

    code = "unauthenticated"
    default_message = "Authentication fails"


class Malformed(PortusError):
    """Say that the request cannot be read at all; `field` names the part at fault."""

    code = "malformed"
    default_message = "The request cannot be read"

    def __init__(self, message: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Rejected(PortusError):
    """Say that the request was read but its values are not acceptable.

    `fields` maps a field to the sentences about it, as the REST API v1 answers them.
    """

    code = "rejected"
    default_message = "The request has unacceptable values"

    def __init__(
        self,
        message: str | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.fields = {name: list(sentences) for name, sentences in (fields or {}).items()}


class TooMany(PortusError):
    """Say that the caller must slow down; `retry_after_s` is in whole seconds."""

    code = "too-many-requests"
    default_message = "Too many requests, try again later"

    def __init__(self, message: str | None = None, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(PortusError):
    """Say that something this service needs does not answer; `missing` names it."""

    code = "unavailable"
    default_message = "A part of Portus does not answer, try again later"

    def __init__(self, message: str | None = None, missing: str = "") -> None:
        super().__init__(message)
        self.missing = missing
