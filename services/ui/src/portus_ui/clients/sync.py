"""sync: scans, what they found otherwise, deletions, and what came in unreadable."""

from __future__ import annotations

from typing import Any, Final

from portus_shared.http import Client
from portus_ui.clients.service import Service
from portus_ui.domain.viewer import Viewer

LIMIT: Final = 25
Json = dict[str, Any]


class Sync:
    """Ask sync with a viewer's token; it tells most of it to admins only."""

    def __init__(self, client: Client) -> None:
        self._service = Service("sync", client)

    def scans(self, viewer: Viewer) -> list[Json]:
        """Return the latest scans, newest first; raises `Denied`."""
        found: list[Json] = self._service.get("/api/v1/scans", viewer.token)
        return found

    def scan_now(self, viewer: Viewer) -> None:
        """Have every registry scanned; raises `Denied`."""
        self._service.call("POST", "/api/v1/scans", token=viewer.token)

    def approve(self, viewer: Viewer, scan_id: str) -> int:
        """Let the held removals of a scan go ahead; return how many."""
        path = f"/api/v1/scans/{scan_id}/approve"
        return int(self._service.call("POST", path, token=viewer.token).json()["approved"])

    def drift(self, viewer: Viewer, *, kind: str, scan: str, after: str) -> Json:
        """Return a page of what scans found otherwise, newest first; raises `Denied`."""
        return self._page("/api/v1/drift", viewer, kind=kind, scan=scan, after=after)

    def deletions(self, viewer: Viewer, *, status: str, after: str) -> Json:
        """Return a page of deletions, newest first: all for an admin, else the viewer's own."""
        return self._page("/api/v1/deletions", viewer, status=status, after=after)

    def deletes_tags(self, viewer: Viewer, registry: str) -> bool | None:
        """Tell whether a registry deletes a tag alone; None while that is not known."""
        found: list[Json] = self._service.get("/api/v1/deletions/abilities", viewer.token)
        known = {each["registry"]: bool(each["deletes_tags"]) for each in found}
        return known.get(registry)

    def retry(self, viewer: Viewer, deletion_id: str) -> None:
        """Have a failed deletion tried anew; raises `Denied`, and `Conflict` for another."""
        path = f"/api/v1/deletions/{deletion_id}/retry"
        self._service.call("POST", path, token=viewer.token)

    def quarantine(self, viewer: Viewer, *, after: str) -> Json:
        """Return a page of what could not be read, newest first; raises `Denied`."""
        return self._page("/api/v1/quarantine", viewer, after=after)

    def _page(self, path: str, viewer: Viewer, **wanted: str) -> Json:
        found: Json = self._service.get(path, viewer.token, limit=LIMIT, **wanted)
        return found
