"""auth's log of decisions about token requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from portus_ui.clients.service import Service
from portus_ui.domain.viewer import Viewer

_LIMIT: Final = 25


class Decisions:
    """Ask auth what its token realm decided, with the viewer's token."""

    def __init__(self, auth: Service) -> None:
        self._auth = auth

    def page(
        self, viewer: Viewer, *, user: str, repository: str, outcome: str, after: str
    ) -> Mapping[str, Any]:
        """Return `items`, the latest first, and the cursor `next`; what is empty is no filter.

        Raises `NotFound` for somebody else's, unless the viewer is an admin.
        """
        found: Mapping[str, Any] = self._auth.get(
            "/api/v1/decisions",
            viewer.token,
            user=user,
            repository=repository,
            outcome=outcome,
            after=after,
            limit=_LIMIT,
        )
        return found
