"""Gather what the pages of teams show, with the viewer's own eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portus_ui.clients.teams import Json, Teams
from portus_ui.domain.viewer import Viewer
from portus_ui.usecases.pages import PER_PAGE, Listing
from portus_ui.usecases.together import Together


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamFacts:
    """One team with everybody in it and all its namespaces, both by name."""

    team: Json
    members: Sequence[Json]
    namespaces: Sequence[Json]


class TeamPages:
    """Ask auth for teams; the parts of one page are asked for at once."""

    def __init__(self, teams: Teams, together: Together) -> None:
        self._teams = teams
        self._together = together

    def listing(self, viewer: Viewer, number: int) -> Listing:
        """Gather a page of teams."""
        found, total = self._teams.page(viewer, page=number, per_page=PER_PAGE, sort_attr="name")
        return Listing(items=found, total=total, number=number)

    def team(self, viewer: Viewer, team_id: int) -> TeamFacts:
        """Gather one team; raises `NotFound`."""
        members = self._together.start(lambda: self._teams.members(viewer, team_id))
        namespaces = self._together.start(lambda: self._teams.namespaces(viewer, team_id))
        team = self._teams.show(viewer, team_id)
        return TeamFacts(
            team=team,
            members=sorted(members.get(), key=lambda member: str(member["username"]).lower()),
            namespaces=namespaces.get(),
        )
