"""Delete an image or a whole repository on behalf of a viewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portus_shared.errors import Denied, NotFound
from portus_shared.names import is_digest, is_repository_name
from portus_ui.clients.catalog import Catalog
from portus_ui.domain.viewer import Viewer

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """What a viewer wants to delete and may: one image of a repository, or all of it."""

    repository: Json
    image: Json | None


class Deleting:
    """Ask catalog what a deletion would take, and for the deletion itself."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def find(self, viewer: Viewer, name: str, digest: str) -> Doomed:
        """Return what would go; without a digest all of the repository.

        Raises `NotFound`, or `Denied` where the viewer sees it and may not delete.
        """
        if not is_repository_name(name) or (digest and not is_digest(digest)):
            raise NotFound
        repository = self._catalog.find(viewer, name)
        if repository is None:
            raise NotFound
        if "delete" not in repository["actions"]:
            raise Denied
        image = self._image(viewer, int(repository["id"]), digest) if digest else None
        return Doomed(repository=repository, image=image)

    def delete(self, viewer: Viewer, doomed: Doomed) -> None:
        """Have it deleted; catalog checks the viewer's rights once more."""
        number = int(doomed.repository["id"])
        if doomed.image is None:
            self._catalog.delete_repository(viewer, number)
        else:
            self._catalog.delete_image(viewer, number, doomed.image["digest"])

    def _image(self, viewer: Viewer, number: int, digest: str) -> Json:
        for untagged in ("", "true"):
            page = self._catalog.images(viewer, number, filter=digest, untagged=untagged)
            for item in page["items"]:
                if item["digest"] == digest:
                    found: Json = item
                    return found
        raise NotFound
