"""Delete an image, a tag of it alone, or a whole repository on behalf of a viewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portus_shared.errors import Denied, NotFound, Unavailable
from portus_shared.names import is_digest, is_repository_name, is_tag
from portus_ui.clients.catalog import Catalog
from portus_ui.clients.sync import Sync
from portus_ui.domain.viewer import Viewer

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """What a viewer wants to delete and may: one image of a repository, or all of it.

    `tag` is the one of the image that may go alone; `alone` tells whether the registry can delete
    it so, None while that is not known.
    """

    repository: Json
    image: Json | None
    tag: Json | None = None
    alone: bool | None = None


class Deleting:
    """Ask catalog what a deletion would take, and for the deletion itself."""

    def __init__(self, catalog: Catalog, sync: Sync) -> None:
        self._catalog = catalog
        self._sync = sync

    def find(self, viewer: Viewer, name: str, digest: str, tag: str = "") -> Doomed:
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
        if image is None or not tag:
            return Doomed(repository=repository, image=image)
        return Doomed(
            repository=repository,
            image=image,
            tag=self._tag(viewer, int(repository["id"]), tag, digest),
            alone=self._alone(viewer, repository),
        )

    def delete_tag(self, viewer: Viewer, doomed: Doomed) -> None:
        """Have the tag deleted alone; raises `NotFound` where none was named."""
        if doomed.tag is None:
            raise NotFound
        self._catalog.delete_tag(viewer, int(doomed.tag["id"]))

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

    def _tag(self, viewer: Viewer, number: int, name: str, digest: str) -> Json:
        """Return a tag of the image; raises `NotFound` when it points elsewhere by now."""
        found = self._catalog.tag(viewer, number, name) if is_tag(name) else None
        if found is None or found["digest"] != digest:
            raise NotFound
        return found

    def _alone(self, viewer: Viewer, repository: Json) -> bool | None:
        try:
            return self._sync.deletes_tags(viewer, repository.get("registry") or "")
        except Unavailable:
            return None
