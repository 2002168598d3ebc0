"""What views are built from; the composition root fills it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portus_ui.clients.auth import Auth
from portus_ui.clients.documents import Documents
from portus_ui.clients.health import Health
from portus_ui.clients.sync import Sync
from portus_ui.config import Settings
from portus_ui.live.hub import Hub
from portus_ui.usecases.about import Abouts
from portus_ui.usecases.deleting import Deleting
from portus_ui.usecases.images import ImagePages
from portus_ui.usecases.pages import Pages
from portus_ui.usecases.robots import RobotPages
from portus_ui.usecases.seeing import Seeing
from portus_ui.usecases.teams import TeamPages
from portus_ui.usecases.viewers import Viewers
from portus_ui.views.cookies import Cookies
from portus_ui.views.render import Renderer
from portus_ui.views.visitor import Visitors


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """The parts that routes use."""

    settings: Settings
    auth: Auth
    sync: Sync
    health: Health
    documents: Callable[[], Documents]
    abouts: Abouts
    pages: Pages
    images: ImagePages
    deleting: Deleting
    team_pages: TeamPages
    robot_pages: RobotPages
    seeing: Seeing
    viewers: Viewers
    visitors: Visitors
    cookies: Cookies
    hub: Hub
    renderer: Renderer
