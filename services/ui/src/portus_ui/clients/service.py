"""One other service: calls with the viewer's token, answers as JSON, failures as their kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from requests import Response

from portus_shared import errors
from portus_shared.http import Client
from portus_ui.clients.circuit import Circuit

_SERVER_ERROR: Final = 500
_FIRST_ERROR: Final = 400


class Service:
    """Call one service; `name` is how people are told that it does not answer."""

    def __init__(self, name: str, client: Client) -> None:
        self.name = name
        self._client = client
        self._circuit = Circuit()

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Response:
        """Send one request; reads are tried twice. Raises the error kind that a failure means."""
        if self._circuit.is_open():
            raise self._away()
        sent = {"Accept": "application/json", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        response = self._attempt(method, path, headers=sent, **options)
        if response.status_code >= _FIRST_ERROR:
            raise _error_of(response)
        return response

    def get(self, path: str, token: str, **params: Any) -> Any:
        """Read JSON with the viewer's token."""
        wanted = {name: value for name, value in params.items() if value not in {None, ""}}
        return self.call("GET", path, token=token, params=wanted).json()

    def _attempt(self, method: str, path: str, **options: Any) -> Response:
        try:
            response = self._client.request(method, path, **options)
        except errors.Unavailable as error:
            self._circuit.failed()
            raise self._away() from error
        if response.status_code >= _SERVER_ERROR:
            self._circuit.failed()
            raise self._away()
        self._circuit.succeeded()
        return response

    def _away(self) -> errors.Unavailable:
        message = f"{self.name} does not answer"
        return errors.Unavailable(message, missing=self.name)


def _error_of(response: Response) -> errors.PortusError:
    message = _message_of(response)
    if isinstance(message, dict):
        return errors.Rejected(fields=message)
    if response.status_code == 429:  # noqa: PLR2004
        wait = response.headers.get("Retry-After", "")
        return errors.TooMany(message, int(wait) if wait.isdigit() else 60)
    kinds: dict[int, Callable[[str | None], errors.PortusError]] = {
        401: errors.Unauthenticated,
        403: errors.Denied,
        404: errors.NotFound,
        405: errors.Conflict,
        409: errors.Conflict,
    }
    return kinds.get(response.status_code, errors.Rejected)(message)


def _message_of(response: Response) -> Any:
    """Return the problem's message: a sentence, or a map of field to sentences."""
    try:
        body = response.json()
    except ValueError:
        return None
    message = body.get("message") if isinstance(body, dict) else None
    return message if isinstance(message, str | dict) else None
