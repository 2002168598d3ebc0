"""auth's account of one person: tokens, docker logins, browsers, password."""

from __future__ import annotations

from typing import Any, Final

from portus_ui.clients.service import Service
from portus_ui.domain.viewer import Viewer

Json = dict[str, Any]
_USERS: Final = "/api/v1/users"
_SESSIONS: Final = "/api/v1/sessions"


class Account:
    """Ask auth about the viewer's own account, with the viewer's token."""

    def __init__(self, auth: Service) -> None:
        self._auth = auth

    def tokens(self, viewer: Viewer) -> list[Json]:
        """Return the viewer's application tokens, without their secrets."""
        return self._list(viewer, self._mine(viewer, "application_tokens"))

    def create_token(self, viewer: Viewer, token: Json) -> Json:
        """Make a token; the answer has its secret, this once. Raises `Rejected`, `Conflict`."""
        answer: Json = self._auth.call(
            "POST", self._mine(viewer, "application_tokens"), token=viewer.token, json=token
        ).json()
        return answer

    def change_token(self, viewer: Viewer, token_id: int, change: Json) -> None:
        """Rename a token, end it at another time, or narrow it; raises `Rejected`, `Conflict`."""
        path = f"{_USERS}/application_tokens/{token_id}"
        self._auth.call("PUT", path, token=viewer.token, json=change)

    def delete_token(self, viewer: Viewer, token_id: int) -> None:
        """End a token and all that was given for it."""
        self._delete(viewer, f"{_USERS}/application_tokens/{token_id}")

    def docker_logins(self, viewer: Viewer) -> list[Json]:
        """Return the docker clients that stay signed in."""
        return self._list(viewer, self._mine(viewer, "docker_logins"))

    def end_docker_login(self, viewer: Viewer, login_id: int) -> None:
        """Sign a docker client out."""
        self._delete(viewer, self._mine(viewer, f"docker_logins/{login_id}"))

    def browsers(self, viewer: Viewer) -> list[Json]:
        """Return the browsers that the viewer is signed in with."""
        return self._list(viewer, _SESSIONS)

    def end_browser(self, viewer: Viewer, sign_in_id: int) -> None:
        """Sign a browser out."""
        self._delete(viewer, f"{_SESSIONS}/{sign_in_id}")

    def end_browsers(self, viewer: Viewer) -> None:
        """Sign every browser out, this one too."""
        self._delete(viewer, _SESSIONS)

    def change_password(self, viewer: Viewer, current: str, new: str) -> None:
        """Change the password, which ends every sign-in; raises `Rejected` naming the fields."""
        body = {"password": new, "current_password": current}
        self._auth.call("PUT", self._mine(viewer, "password"), token=viewer.token, json=body)

    def _list(self, viewer: Viewer, path: str) -> list[Json]:
        found: list[Json] = self._auth.get(path, viewer.token, all="true")
        return found

    def _delete(self, viewer: Viewer, path: str) -> None:
        self._auth.call("DELETE", path, token=viewer.token)

    def _mine(self, viewer: Viewer, what: str) -> str:
        return f"{_USERS}/{viewer.user_id}/{what}"
