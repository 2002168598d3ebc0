"""Render one template as a page, or only the block that htmx asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Request, Response, request
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from portus_ui.domain.viewer import Viewer
from portus_ui.svg import mark
from portus_ui.views import formats
from portus_ui.views.assets import Assets
from portus_ui.views.headers import nonce
from portus_ui.views.models import LEAD_TAGS, TAGS_SHOWN

THEMES: Final = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What surrounds every page; `host` is empty while it is not known.

    `position` is where the live hints were before anything that the page shows was read.
    """

    viewer: Viewer | None
    host: str
    version: str
    theme: str
    path: str
    position: str


class Renderer:
    """Render templates with the shell of the request."""

    def __init__(self, environment: Environment, shell: Callable[[], Shell]) -> None:
        self._environment = environment
        self._shell = shell

    def page(
        self,
        template: str,
        *,
        fragments: Mapping[str, str] | None = None,
        status: int = 200,
        **view: Any,
    ) -> Response:
        """Render `template`, or the fragment (by the id it replaces) that htmx asks for."""
        wanted = fragment_wanted(request)
        name = (fragments or {}).get(wanted, template) if wanted else template
        stamp = Markup('hx-nonce="{}"').format(nonce())
        context = {"shell": self._shell(), "hx": stamp, "nonce": nonce(), **view}
        response = Response(self._environment.get_template(name).render(context), status)
        response.headers["Vary"] = "HX-Request, HX-Target, Cookie"
        return response


def fragment_wanted(request: Request) -> str:
    """Return the id of the element that the answer replaces; empty for a whole page."""
    headers = request.headers
    if not is_htmx(request) or headers.get("HX-Request-Type") == "full":
        return ""
    return headers.get("HX-Target", "").rpartition("#")[2]


def is_htmx(request: Request) -> bool:
    """Tell whether htmx asks, other than to restore a page of the history."""
    headers = request.headers
    restores = headers.get("HX-History-Restore-Request") == "true"
    return headers.get("HX-Request") == "true" and not restores


def prepare(environment: Environment, assets: Assets, form_token: Callable[[], str]) -> None:
    """Give templates what they may use: formats, drawings, file names, the form token."""
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.filters.update(
        count=formats.count,
        plural=formats.plural,
        initials=formats.initials,
        hue=formats.hue,
        short=formats.short,
        soft=formats.soft,
        mark=mark,
    )
    environment.globals.update(
        static=assets.url,
        form_token=form_token,
        lead_tags=LEAD_TAGS,
        tags_shown=TAGS_SHOWN,
        themes=THEMES,
    )
