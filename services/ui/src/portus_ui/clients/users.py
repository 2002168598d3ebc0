"""auth's accounts, for admins; and the one thing that needs no account: using a reset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from portus_ui.clients.service import Service
from portus_ui.domain.viewer import Viewer

Json = dict[str, Any]
_USERS: Final = "/api/v1/users"


class Users:
    """Ask auth with a viewer's token; it decides what the viewer may do."""

    def __init__(self, auth: Service) -> None:
        self._auth = auth

    def page(self, viewer: Viewer, **params: Any) -> tuple[list[Json], int]:
        """Return one page of accounts, with the total behind it; raises `Denied`."""
        response = self._auth.call("GET", _USERS, token=viewer.token, params=params)
        found: list[Json] = response.json()
        return found, int(response.headers.get("X-Total", len(found)))

    def show(self, viewer: Viewer, user_id: int) -> Json:
        """Return one account; raises `NotFound`."""
        found: Json = self._auth.get(f"{_USERS}/{user_id}", viewer.token)
        return found

    def create(self, viewer: Viewer, user: Json) -> Json:
        """Make an account; raises `Rejected` naming the fields."""
        return self._send(viewer, "POST", _USERS, {"user": user})

    def change(self, viewer: Viewer, user_id: int, **changes: bool) -> Json:
        """Promote or demote, enable or disable; raises `Conflict` for the last admin."""
        return self._send(viewer, "PUT", f"{_USERS}/{user_id}", {"user": changes})

    def delete(self, viewer: Viewer, user_id: int, fate: Mapping[str, str]) -> None:
        """Delete an account; raises `Conflict` for the last admin and a team's only owner."""
        self._auth.call("DELETE", f"{_USERS}/{user_id}", token=viewer.token, params=fate)

    def issue_reset(self, viewer: Viewer, user_id: int) -> Json:
        """Return a token with which somebody sets their password once, and when it ends."""
        return self._send(viewer, "POST", f"{_USERS}/{user_id}/password_resets", {})

    def use_reset(self, token: str, password: str) -> None:
        """Set the password that a reset was given for; raises `Rejected` naming the fields."""
        body = {"token": token, "password": password}
        self._auth.call("POST", f"{_USERS}/password_resets", json=body)

    def _send(self, viewer: Viewer, method: str, path: str, body: Json) -> Json:
        answer: Json = self._auth.call(method, path, token=viewer.token, json=body).json()
        return answer
