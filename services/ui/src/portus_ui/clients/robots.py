"""auth's robots: accounts of machines, what they may do, and their tokens."""

from __future__ import annotations

from typing import Any, Final

from portus_ui.clients.service import Service
from portus_ui.domain.viewer import Viewer

Json = dict[str, Any]
_ROBOTS: Final = "/api/v1/robots"


class Robots:
    """Ask auth with a viewer's token; it decides what the viewer may do."""

    def __init__(self, auth: Service) -> None:
        self._auth = auth

    def page(self, viewer: Viewer, namespace: str, **params: Any) -> tuple[list[Json], int]:
        """Return one page of the robots of a namespace, ``_`` for the global ones, and a total."""
        asked = {"namespace": namespace, **params}
        response = self._auth.call("GET", _ROBOTS, token=viewer.token, params=asked)
        found: list[Json] = response.json()
        return found, int(response.headers.get("X-Total", len(found)))

    def show(self, viewer: Viewer, robot_id: int) -> Json:
        """Return one robot; raises `NotFound`."""
        found: Json = self._auth.get(f"{_ROBOTS}/{robot_id}", viewer.token)
        return found

    def create(self, viewer: Viewer, robot: Json) -> Json:
        """Make a robot; the answer has its first secret, this once. Raises `Rejected`."""
        return self._send(viewer, "POST", _ROBOTS, {"robot": robot})

    def change(self, viewer: Viewer, robot_id: int, **changes: Any) -> Json:
        """Describe a robot, change what it may do, shut it out or let it in; raises `Rejected`."""
        return self._send(viewer, "PUT", f"{_ROBOTS}/{robot_id}", {"robot": changes})

    def delete(self, viewer: Viewer, robot_id: int) -> None:
        """Delete a robot with its tokens."""
        self._auth.call("DELETE", f"{_ROBOTS}/{robot_id}", token=viewer.token)

    def tokens(self, viewer: Viewer, robot_id: int) -> list[Json]:
        """Return a robot's tokens, without their secrets."""
        found: list[Json] = self._auth.get(_tokens(robot_id), viewer.token, all="true")
        return found

    def create_token(self, viewer: Viewer, robot_id: int, token: Json) -> Json:
        """Make a second token, its secret this once; raises `Conflict` for a third."""
        return self._send(viewer, "POST", _tokens(robot_id), token)

    def change_token(self, viewer: Viewer, robot_id: int, token_id: int, change: Json) -> None:
        """Change what a token is called and when it ends; raises `Rejected`, `Conflict`."""
        self._send(viewer, "PUT", f"{_tokens(robot_id)}/{token_id}", change)

    def delete_token(self, viewer: Viewer, robot_id: int, token_id: int) -> None:
        """End a token and all that was given for it."""
        self._auth.call("DELETE", f"{_tokens(robot_id)}/{token_id}", token=viewer.token)

    def _send(self, viewer: Viewer, method: str, path: str, body: Json) -> Json:
        answer: Json = self._auth.call(method, path, token=viewer.token, json=body).json()
        return answer


def _tokens(robot_id: int) -> str:
    return f"{_ROBOTS}/{robot_id}/application_tokens"
