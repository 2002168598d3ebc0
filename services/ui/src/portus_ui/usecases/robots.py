"""Gather what the pages of robots show, with the viewer's own eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portus_shared.errors import NotFound
from portus_shared.names import GLOBAL
from portus_ui.clients.robots import Json, Robots
from portus_ui.domain.viewer import Viewer
from portus_ui.usecases.pages import PER_PAGE, Listing, Pages
from portus_ui.usecases.together import Together


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotFacts:
    """One robot with its tokens."""

    robot: Json
    tokens: Sequence[Json]


class RobotPages:
    """Ask auth for robots; the parts of one page are asked for at once."""

    def __init__(self, robots: Robots, pages: Pages, together: Together) -> None:
        self._robots = robots
        self._pages = pages
        self._together = together

    def listing(self, viewer: Viewer, home: str | None, number: int) -> Listing:
        """Gather a page of the robots of a namespace, or for None of the global ones.

        Who owns no robots there gets an empty list: ask `demand_manager` first.
        """
        found, total = self._robots.page(
            viewer, home or GLOBAL, page=number, per_page=PER_PAGE, sort_attr="name"
        )
        return Listing(items=found, total=total, number=number)

    def demand_manager(self, viewer: Viewer, namespace: str) -> None:
        """Raise `NotFound` unless the viewer manages the robots of this namespace."""
        if namespace == GLOBAL:
            raise NotFound
        space = self._pages.namespace_alone(viewer, namespace)
        if not viewer.admin and space.get("role") != "owner":
            raise NotFound

    def robot(self, viewer: Viewer, robot_id: int) -> RobotFacts:
        """Gather one robot; raises `NotFound`."""
        tokens = self._together.start(lambda: self._robots.tokens(viewer, robot_id))
        robot = self._robots.show(viewer, robot_id)
        return RobotFacts(robot=robot, tokens=tokens.get())
