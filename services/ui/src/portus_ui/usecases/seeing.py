"""Whether a viewer may see a repository: asked of catalog with the viewer's identity."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from portus_ui.clients.auth import Auth
from portus_ui.clients.catalog import Catalog
from portus_ui.domain.topics import Hint
from portus_ui.domain.viewer import Viewer

KEEP_S: Final = 20.0
_KEEP_NO_S: Final = 1.0
_MAX_KEPT: Final = 20_000


class Seeing:
    """Remember answers for twenty seconds, or until access changes somewhere.

    A no is kept for one second only: the first push turns it into a yes.
    """

    def __init__(
        self, auth: Auth, catalog: Catalog, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._auth = auth
        self._catalog = catalog
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[bool, float]] = {}

    def may_see(self, viewer: Viewer, hint: Hint) -> bool:
        """Tell whether the hint may be named to the viewer.

        A repository that is gone cannot be asked for any more: its namespace decides then.
        """
        if self._kept_or(viewer.key, hint.repository, lambda: self._sees(viewer, hint.repository)):
            return True
        return hint.change == "deleted" and self._kept_or(
            viewer.key,
            f"{hint.namespace}/",
            lambda: bool(self._auth.namespaces(viewer, name=hint.namespace)[0]),
        )

    def forget(self) -> None:
        """Drop every answer: access has changed."""
        with self._lock:
            self._kept.clear()

    def _sees(self, viewer: Viewer, repository: str) -> bool:
        return self._catalog.find(viewer, repository) is not None

    def _kept_or(self, viewer: str, name: str, ask: Callable[[], bool]) -> bool:
        with self._lock:
            kept = self._kept.get((viewer, name))
        if kept and self._clock() < kept[1]:
            return kept[0]
        answer = ask()
        with self._lock:
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            keep_s = KEEP_S if answer else _KEEP_NO_S
            self._kept[viewer, name] = (answer, self._clock() + keep_s)
        return answer
