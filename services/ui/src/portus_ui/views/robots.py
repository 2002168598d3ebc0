"""Robots: those of a namespace or global ones, new ones, and one with what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_shared.clock import now
from portus_ui.domain.permissions import scopes_of
from portus_ui.domain.viewer import Viewer
from portus_ui.views.account_rows import token_rows
from portus_ui.views.deps import Deps
from portus_ui.views.paging import number_of, pager
from portus_ui.views.robot_rows import Home, robot_row
from portus_ui.views.token_forms import (
    LIVES,
    MAY,
    end_in,
    offer,
    typed_permissions,
    wheres,
)

Faults = Mapping[str, Sequence[str]]
ROBOT: Final = "/robots/<int(max=2147483647):robot_id>"
_FIRST: Final = "pull,push"
_MOST_TOKENS: Final = 2
_RIGHTS: Final = "All that the robot may"


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/n/<namespace>/robots``, ``/robots`` and ``/robots/<id>``."""
    routes = Blueprint("robots", __name__)
    _add_lists(routes, deps)
    _add_robot(routes, deps)
    return routes


def _add_lists(routes: Blueprint, deps: Deps) -> None:
    @routes.get("/n/<name>/robots")
    def robots_of_namespace(name: str) -> Response:
        return _list_page(deps, *_managed(deps, name))

    @routes.post("/n/<name>/robots")
    def create_robot(name: str) -> Response:
        return _create(deps, *_managed(deps, name))

    @routes.get("/robots")
    def global_robots() -> Response:
        return _list_page(deps, deps.visitors.admin(), Home(namespace=None))

    @routes.post("/robots")
    def create_global_robot() -> Response:
        return _create(deps, deps.visitors.admin(), Home(namespace=None))


def _managed(deps: Deps, namespace: str) -> tuple[Viewer, Home]:
    viewer = deps.visitors.signed_in()
    deps.robot_pages.demand_manager(viewer, namespace)
    return viewer, Home(namespace=namespace)


def _create(deps: Deps, viewer: Viewer, home: Home) -> Response:
    # The secret is in this one answer and nowhere else: no redirect, no cookie.
    try:
        made = deps.auth.robots.create(viewer, _typed_robot(home))
    except errors.Rejected as error:
        faults = error.fields or {"name": [error.message]}
        return _list_page(deps, viewer, home, status=422, faults=faults)
    return robot_page(deps, viewer, made["id"], status=201, secret=made["plain_token"])


def _typed_robot(home: Home) -> dict[str, Any]:
    chosen = typed_permissions(request.form)
    return {
        "name": request.form.get("name", "").strip(),
        "namespace": home.namespace,
        "description": request.form.get("description", "").strip(),
        "permissions": scopes_of(chosen, home.namespace, "permissions"),
        "expires_at": end_in(request.form.get("days", "")),
    }


def _list_page(
    deps: Deps, viewer: Viewer, home: Home, *, status: int = 200, faults: Faults | None = None
) -> Response:
    listing = deps.robot_pages.listing(viewer, home.namespace, number_of(request))
    return deps.renderer.page(
        "robots.html",
        status=status,
        here=home.here,
        home=home,
        rows=[robot_row(robot, now()) for robot in listing.items],
        pager=pager(request, listing, "robot"),
        faults=faults or {},
        form=request.form,
        offer=offer(request.form, [], home.namespace, _FIRST),
        **_choices(home),
    )


def _add_robot(routes: Blueprint, deps: Deps) -> None:
    @routes.get(ROBOT)
    def robot(robot_id: int) -> Response:
        return robot_page(deps, deps.visitors.signed_in(), robot_id)

    @routes.post(ROBOT)
    def change_robot(robot_id: int) -> AnyResponse:
        viewer, form = deps.visitors.signed_in(), request.form
        home = robot_row(deps.auth.robots.show(viewer, robot_id), now()).home
        try:
            scopes = scopes_of(typed_permissions(form), home.namespace, "permissions")
            description = form.get("description", "").strip()
            deps.auth.robots.change(viewer, robot_id, permissions=scopes, description=description)
        except errors.Rejected as error:
            faults = error.fields or {"permissions": [error.message]}
            return robot_page(deps, viewer, robot_id, status=422, faults=faults)
        return redirect(f"/robots/{robot_id}?saved=1", 303)

    @routes.post(f"{ROBOT}/<any(enable, disable):switch>")
    def switch_robot(robot_id: int, switch: str) -> AnyResponse:
        deps.auth.robots.change(deps.visitors.signed_in(), robot_id, enabled=switch == "enable")
        return redirect(f"/robots/{robot_id}", 303)

    @routes.post(f"{ROBOT}/delete")
    def delete_robot(robot_id: int) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        home = robot_row(deps.auth.robots.show(viewer, robot_id), now()).home
        deps.auth.robots.delete(viewer, robot_id)
        return redirect(home.address, 303)


def robot_page(
    deps: Deps, viewer: Viewer, robot_id: int, *, status: int = 200, **more: Any
) -> Response:
    """Show one robot; `secret` of a token just made, `faults` and `token_faults` by field."""
    facts = deps.robot_pages.robot(viewer, robot_id)
    row, tokens = robot_row(facts.robot, now()), token_rows(facts.tokens, now(), _RIGHTS)
    # What made the robot, or a token, is no change of its permissions.
    form = request.form if "faults" in more else type(request.form)()
    return deps.renderer.page(
        "robot.html",
        status=status,
        here=row.home.here,
        robot=row,
        tokens=tokens,
        takes_token=row.tokens < _MOST_TOKENS,
        saved="saved" in request.args,
        form=form,
        offer=offer(form, row.permissions, row.home.namespace),
        **_choices(row.home),
        **{"secret": "", "faults": {}, "token_faults": {}, **more},
    )


def _choices(home: Home) -> Mapping[str, Any]:
    return {"may": MAY, "wheres": wheres(home.namespace), "lives": LIVES}
