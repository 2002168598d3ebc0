"""auth's teams: who is in them, and what is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from portus_ui.clients.service import Service
from portus_ui.domain.viewer import Viewer

Json = dict[str, Any]
_TEAMS: Final = "/api/v1/teams"
_NAMESPACES: Final = "/api/v1/namespaces"


class Teams:
    """Ask auth with a viewer's token; it decides what the viewer may do."""

    def __init__(self, auth: Service) -> None:
        self._auth = auth

    def page(self, viewer: Viewer, **params: Any) -> tuple[list[Json], int]:
        """Return one page of the teams that the viewer may see, with the total behind it."""
        response = self._auth.call("GET", _TEAMS, token=viewer.token, params=params)
        found: list[Json] = response.json()
        return found, int(response.headers.get("X-Total", len(found)))

    def show(self, viewer: Viewer, team_id: int) -> Json:
        """Return one team; raises `NotFound`."""
        found: Json = self._auth.get(f"{_TEAMS}/{team_id}", viewer.token)
        return found

    def members(self, viewer: Viewer, team_id: int) -> list[Json]:
        """Return everybody in a team."""
        found: list[Json] = self._auth.get(f"{_TEAMS}/{team_id}/members", viewer.token, all="true")
        return found

    def namespaces(self, viewer: Viewer, team_id: int) -> list[Json]:
        """Return a team's namespaces, by name."""
        found: list[Json] = self._auth.get(
            f"{_TEAMS}/{team_id}/namespaces", viewer.token, all="true", sort_attr="name"
        )
        return found

    def create(self, viewer: Viewer, name: str, description: str) -> Json:
        """Make a team that the viewer owns; raises `Rejected` naming the fields."""
        return self._send(viewer, "POST", _TEAMS, {"name": name, "description": description})

    def change(self, viewer: Viewer, team_id: int, **changes: str) -> Json:
        """Rename or describe a team; raises `Rejected` naming the fields."""
        return self._send(viewer, "PUT", f"{_TEAMS}/{team_id}", {"team": changes})

    def delete(self, viewer: Viewer, team_id: int, fate: Mapping[str, str]) -> None:
        """Delete a team; `fate` says what becomes of its namespaces, which go with it otherwise."""
        self._auth.call("DELETE", f"{_TEAMS}/{team_id}", token=viewer.token, params=fate)

    def add_member(self, viewer: Viewer, team_id: int, username: str, role: str) -> Json:
        """Take somebody into a team; raises `NotFound` for an unknown name."""
        body = {"user": username, "role": role}
        return self._send(viewer, "POST", f"{_TEAMS}/{team_id}/members", body)

    def set_role(self, viewer: Viewer, team_id: int, member_id: int, role: str) -> Json:
        """Give a member another role; raises `Conflict` for the only owner."""
        return self._send(viewer, "PUT", f"{_TEAMS}/{team_id}/members/{member_id}", {"role": role})

    def remove_member(self, viewer: Viewer, team_id: int, member_id: int) -> None:
        """Take somebody out of a team; raises `Conflict` for the only owner."""
        self._auth.call("DELETE", f"{_TEAMS}/{team_id}/members/{member_id}", token=viewer.token)

    def create_namespace(self, viewer: Viewer, team: str, name: str) -> Json:
        """Make a private namespace of a team; raises `Rejected` naming the fields."""
        return self._send(viewer, "POST", _NAMESPACES, {"name": name, "team": team})

    def delete_namespace(self, viewer: Viewer, namespace_id: int, fate: Mapping[str, str]) -> None:
        """Delete a team's namespace, with its images unless `fate` keeps them."""
        path = f"{_NAMESPACES}/{namespace_id}"
        self._auth.call("DELETE", path, token=viewer.token, params=fate)

    def change_namespace(self, viewer: Viewer, namespace_id: int, **changes: str) -> Json:
        """Change a namespace's description, visibility or team; raises `NotFound` for that."""
        body = {"namespace": changes}
        return self._send(viewer, "PUT", f"{_NAMESPACES}/{namespace_id}", body)

    def _send(self, viewer: Viewer, method: str, path: str, body: Json) -> Json:
        answer: Json = self._auth.call(method, path, token=viewer.token, json=body).json()
        return answer
