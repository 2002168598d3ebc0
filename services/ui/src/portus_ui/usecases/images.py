"""Gather what the page of one image shows: by its digest, or by a tag with the tag's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from portus_shared.errors import NotFound
from portus_shared.names import is_digest, is_repository_name, is_tag
from portus_ui.clients.catalog import Catalog
from portus_ui.domain.viewer import Viewer
from portus_ui.usecases.together import Together

HISTORY_SHOWN: Final = 15
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """One image of a repository; of a tag that is gone there is only its history.

    `tag_deleting`: the tag is being deleted, alone or with its image.
    """

    repository: Json
    manifest: Json | None
    history: Json | None
    tag_deleting: bool = False


class ImagePages:
    """Ask catalog for one image, with the viewer's own eyes."""

    def __init__(self, catalog: Catalog, together: Together) -> None:
        self._catalog = catalog
        self._together = together

    def by_digest(self, viewer: Viewer, name: str, digest: str) -> ImageFacts:
        """Gather one image, or whatever else has this digest; raises `NotFound`."""
        if not is_digest(digest):
            raise NotFound
        repository = self._repository(viewer, name)
        manifest = self._catalog.manifest(viewer, int(repository["id"]), digest)
        return ImageFacts(repository=repository, manifest=manifest, history=None)

    def by_tag(self, viewer: Viewer, name: str, tag: str, after: str) -> ImageFacts:
        """Gather what a tag points to and pointed to; raises `NotFound` if it never was."""
        if not is_tag(tag):
            raise NotFound
        repository = self._repository(viewer, name)
        number = int(repository["id"])
        history = self._together.start(
            lambda: self._catalog.history(viewer, number, tag, after=after, limit=HISTORY_SHOWN)
        )
        found = self._catalog.tag(viewer, number, tag)
        manifest = self._catalog.manifest(viewer, number, found["digest"]) if found else None
        moves = history.get()
        if manifest is None and not moves["items"] and not after:
            raise NotFound
        return ImageFacts(
            repository=repository,
            manifest=manifest,
            history=moves,
            tag_deleting=bool(found and found.get("deleting")),
        )

    def _repository(self, viewer: Viewer, name: str) -> Json:
        found = self._catalog.find(viewer, name) if is_repository_name(name) else None
        if found is None:
            raise NotFound
        return found
