"""Gather what each page shows, with the viewer's own eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from portus_shared.errors import NotFound
from portus_shared.names import GLOBAL, is_namespace_name, is_repository_name, namespace_of
from portus_ui.clients.auth import Auth
from portus_ui.clients.catalog import Catalog
from portus_ui.domain.viewer import Viewer
from portus_ui.usecases.together import Together

PER_PAGE: Final = 25
_FEED: Final = 60

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of a list by page number, and how many there are in all."""

    items: Sequence[Json]
    total: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardFacts:
    """The dashboard; `counts` and `activities` are None while catalog is away."""

    namespaces: Sequence[Json]
    counts: Sequence[Json] | None
    activities: Sequence[Json] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceFacts:
    """One namespace; `repositories` and `counts` are None while catalog is away."""

    namespace: Json
    repositories: Listing | None
    counts: Sequence[Json] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFacts:
    """One repository with a page of images; `namespace` is None while auth is away."""

    repository: Json
    images: Json
    namespace: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesWanted:
    """Which images: after a cursor, whose tag or digest contains `text`, or those without a tag."""

    after: str
    text: str
    untagged: bool


class Pages:
    """Ask auth and catalog for pages; services of one page are asked at once."""

    def __init__(self, auth: Auth, catalog: Catalog, together: Together) -> None:
        self._auth = auth
        self._catalog = catalog
        self._together = together

    def dashboard(self, viewer: Viewer) -> DashboardFacts:
        """Gather the dashboard."""
        counts = self._together.start(lambda: self._catalog.counts(viewer))
        activities = self._together.start(lambda: self._catalog.activities(viewer, _FEED))
        namespaces, _ = self._auth.namespaces(viewer, all="true")
        return DashboardFacts(
            namespaces=namespaces,
            counts=counts.get_or(None),
            activities=activities.get_or(None),
        )

    def namespaces(self, viewer: Viewer, number: int) -> tuple[Listing, Sequence[Json] | None]:
        """Gather a page of namespaces, and counts while catalog answers."""
        counts = self._together.start(lambda: self._catalog.counts(viewer))
        found, total = self._auth.namespaces(
            viewer, page=number, per_page=PER_PAGE, sort_attr="name"
        )
        return Listing(items=found, total=total, number=number), counts.get_or(None)

    def namespace(self, viewer: Viewer, name: str, number: int, text: str) -> NamespaceFacts:
        """Gather one namespace with a page of its repositories; raises `NotFound`."""
        if name != GLOBAL and not is_namespace_name(name):
            raise NotFound
        repositories = self._together.start(
            lambda: self._repositories(viewer, number, namespace=name, q=text)
        )
        counts = self._together.start(lambda: self._catalog.counts(viewer))
        return NamespaceFacts(
            namespace=self.namespace_alone(viewer, name),
            repositories=repositories.get_or(None),
            counts=counts.get_or(None),
        )

    def namespace_alone(self, viewer: Viewer, name: str) -> Json:
        """Return one namespace by its name; raises `NotFound`."""
        found, _ = self._auth.namespaces(viewer, name=name)
        if not found:
            raise NotFound
        return found[0]

    def repository(self, viewer: Viewer, name: str, wanted: ImagesWanted) -> RepositoryFacts:
        """Gather one repository with a page of its images; raises `NotFound`."""
        if not is_repository_name(name):
            raise NotFound
        namespace = self._together.start(
            lambda: self._auth.namespaces(viewer, name=namespace_of(name))
        )
        found = self._catalog.find(viewer, name)
        if found is None:
            raise NotFound
        number = int(found["id"])
        images = self._together.start(
            lambda: self._catalog.images(
                viewer,
                number,
                after=wanted.after,
                filter=wanted.text,
                untagged="true" if wanted.untagged else "",
                limit=PER_PAGE,
            )
        )
        repository = self._catalog.repository(viewer, number)
        spaces, _ = namespace.get_or(([], 0))
        return RepositoryFacts(
            repository=repository, images=images.get(), namespace=spaces[0] if spaces else None
        )

    def explore(self, viewer: Viewer, text: str, number: int) -> Listing:
        """Search repositories by a part of their name."""
        return self._repositories(viewer, number, q=text)

    def _repositories(self, viewer: Viewer, number: int, **params: Any) -> Listing:
        found, total = self._catalog.repositories(
            viewer, page=number, per_page=PER_PAGE, sort_attr="full_name", **params
        )
        return Listing(items=found, total=total, number=number)
