"""catalog: repositories, images, activity."""

from __future__ import annotations

from typing import Any

from portus_shared.http import Client
from portus_ui.clients.service import Service
from portus_ui.domain.viewer import Viewer


class Catalog:
    """Ask catalog with a viewer's token; it answers only what the viewer may see."""

    def __init__(self, client: Client) -> None:
        self.service = Service("catalog", client)

    def repositories(self, viewer: Viewer, **params: Any) -> tuple[list[dict[str, Any]], int]:
        """Return one page of repositories, with the total behind it."""
        wanted = {name: value for name, value in params.items() if value}
        response = self.service.call(
            "GET", "/api/v1/repositories", token=viewer.token, params=wanted
        )
        found: list[dict[str, Any]] = response.json()
        return found, int(response.headers.get("X-Total", len(found)))

    def find(self, viewer: Viewer, full_name: str) -> dict[str, Any] | None:
        """Return the repository with this exact name, if the viewer may see one."""
        found, _ = self.repositories(viewer, full_name=full_name)
        return found[0] if found else None

    def repository(self, viewer: Viewer, repository_id: int) -> dict[str, Any]:
        """Return one repository with its size, last push and the viewer's actions."""
        answer: dict[str, Any] = self.service.get(
            f"/api/v1/repositories/{repository_id}", viewer.token
        )
        return answer

    def images(self, viewer: Viewer, repository_id: int, **params: Any) -> dict[str, Any]:
        """Return a page of images: one item per digest with all its tags."""
        answer: dict[str, Any] = self.service.get(
            f"/api/v1/repositories/{repository_id}/images", viewer.token, **params
        )
        return answer

    def tag(self, viewer: Viewer, repository_id: int, name: str) -> dict[str, Any] | None:
        """Return a tag with what it points to; None for one that is not there."""
        path = f"/api/v1/repositories/{repository_id}/tags"
        found: list[dict[str, Any]] = self.service.get(path, viewer.token, name=name)
        return found[0] if found else None

    def manifest(self, viewer: Viewer, repository_id: int, digest: str) -> dict[str, Any]:
        """Return what a manifest holds, and what is attached to it; raises `NotFound`."""
        answer: dict[str, Any] = self.service.get(
            f"/api/v1/repositories/{repository_id}/manifests/{digest}", viewer.token
        )
        return answer

    def history(
        self, viewer: Viewer, repository_id: int, tag: str, *, after: str, limit: int
    ) -> dict[str, Any]:
        """Return a page of what a tag pointed to, newest first."""
        path = f"/api/v1/repositories/{repository_id}/history"
        answer: dict[str, Any] = self.service.get(
            path, viewer.token, tag=tag, after=after, limit=limit
        )
        return answer

    def delete_image(self, viewer: Viewer, repository_id: int, digest: str) -> None:
        """Have an image deleted with all its tags."""
        self._delete(viewer, f"/api/v1/repositories/{repository_id}/manifests/{digest}")

    def delete_tag(self, viewer: Viewer, tag_id: int) -> None:
        """Have a tag deleted alone, which leaves its image."""
        self._delete(viewer, f"/api/v1/tags/{tag_id}?only=tag")

    def delete_repository(self, viewer: Viewer, repository_id: int) -> None:
        """Have everything in a repository deleted."""
        self._delete(viewer, f"/api/v1/repositories/{repository_id}")

    def counts(self, viewer: Viewer) -> list[dict[str, Any]]:
        """Return repositories, bytes and last push for each namespace."""
        answer: list[dict[str, Any]] = self.service.get("/api/v1/repositories/counts", viewer.token)
        return answer

    def activities(self, viewer: Viewer, limit: int) -> list[dict[str, Any]]:
        """Return the newest activities."""
        answer = self.service.get("/api/v1/activities", viewer.token, limit=limit)
        items: list[dict[str, Any]] = answer["items"]
        return items

    def _delete(self, viewer: Viewer, path: str) -> None:
        self.service.call("DELETE", path, token=viewer.token)
