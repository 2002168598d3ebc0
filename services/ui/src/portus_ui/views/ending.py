"""Deleting a namespace, a team or an account: what becomes of its images is chosen first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_ui.domain.viewer import Viewer
from portus_ui.views.deps import Deps
from portus_ui.views.formats import plural

Json = Mapping[str, Any]
Fate = Mapping[str, str]
"""What auth is told of the images: ``keep_images`` or ``new_team``, or nothing: they go."""

_FATES: Final = frozenset({"delete", "keep", "hand"})
_ID: Final = "<int(max=2147483647):number>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What somebody is about to delete.

    `back` is its page, `then` where one is led when it is gone. `holds` names what it has that may
    stay, "" where there is nothing; `heirs` tells whether a team may take that over.
    """

    here: str
    kind: str
    name: str
    back: str
    then: str
    holds: str
    heirs: bool


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/n/<namespace>/delete``, ``/teams/<id>/delete`` and ``/users/<id>/delete``."""
    routes = Blueprint("ending", __name__)
    _add_namespaces(routes, deps)
    _add_teams(routes, deps)
    _add_users(routes, deps)
    return routes


def _add_namespaces(routes: Blueprint, deps: Deps) -> None:
    @routes.route("/n/<name>/delete", methods=["GET", "POST"])
    def delete_namespace(name: str) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        space = deps.pages.namespace_alone(viewer, name)
        if not may_end_namespace(viewer, space):
            raise errors.Denied
        return _answer(
            deps,
            Ending(
                here="Namespaces",
                kind="namespace",
                name=name,
                back=f"/n/{name}",
                then="/namespaces",
                holds="its images",
                heirs=False,
            ),
            lambda fate: deps.auth.teams.delete_namespace(viewer, space["id"], fate),
        )


def may_end_namespace(viewer: Viewer, space: Json) -> bool:
    """Tell whether to offer deletion; auth decides, and keeps the global and personal ones."""
    if space.get("global") or space.get("personal"):
        return False
    return viewer.admin or "delete" in space.get("actions", ())


def _add_teams(routes: Blueprint, deps: Deps) -> None:
    @routes.route(f"/teams/{_ID}/delete", methods=["GET", "POST"])
    def delete_team(number: int) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        team = deps.auth.teams.show(viewer, number)
        if not (viewer.admin or team.get("role") == "owner"):
            raise errors.Denied
        count = len(deps.auth.teams.namespaces(viewer, number))
        holds = f"its {plural(count, 'namespace')} and their images" if count else ""
        return _answer(
            deps,
            Ending(
                here="Teams",
                kind="team",
                name=team["name"],
                back=f"/teams/{number}",
                then="/teams",
                holds=holds,
                heirs=True,
            ),
            lambda fate: deps.auth.teams.delete(viewer, number, fate),
        )


def _add_users(routes: Blueprint, deps: Deps) -> None:
    @routes.route(f"/users/{_ID}/delete", methods=["GET", "POST"])
    def delete_user(number: int) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        if not viewer.admin:
            raise errors.Denied
        user = deps.auth.users.show(viewer, number)
        return _answer(
            deps,
            Ending(
                here="Users",
                kind="account",
                name=user["username"],
                back=f"/users/{number}",
                then="/users",
                holds="" if user["bot"] else "the personal namespace and its images",
                heirs=True,
            ),
            lambda fate: deps.auth.users.delete(viewer, number, fate),
        )


def _answer(deps: Deps, ending: Ending, end: Callable[[Fate], None]) -> AnyResponse:
    """Show what goes, or let it go when its name was typed; the page says why it cannot."""
    if request.method == "GET":
        return _page(deps, ending)
    fate = _fate()
    faults = _faults(ending, fate)
    if faults:
        return _page(deps, ending, 422, faults=faults)
    try:
        end(fate)
    except errors.NotFound:
        return _page(deps, ending, 422, faults={"new_team": "You are in no team of this name"})
    except (errors.Conflict, errors.Denied, errors.Rejected) as error:
        return _page(deps, ending, 409, wrong=_told(error))
    return redirect(ending.then, 303)


def _faults(ending: Ending, fate: Fate) -> Mapping[str, str]:
    """Say by field what must be typed first."""
    faults = {}
    if ending.holds and request.form.get("fate") not in _FATES:
        faults["fate"] = "Choose what becomes of that"
    if fate.get("new_team") == "":
        faults["new_team"] = "Name the team"
    if "new_team" not in fate and request.form.get("new_team", "").strip():
        faults["new_team"] = "Choose to hand over to this team, or leave it empty"
    if request.form.get("sure", "").strip() != ending.name:
        faults["sure"] = f"Type {ending.name} exactly to delete it"
    return faults


def _told(error: errors.PortusError) -> str:
    fields = error.fields if isinstance(error, errors.Rejected) else {}
    return "; ".join(fault for found in fields.values() for fault in found) or error.message


def _fate() -> Fate:
    match request.form.get("fate"):
        case "keep":
            return {"keep_images": "true"}
        case "hand":
            return {"new_team": request.form.get("new_team", "").strip()}
    return {}


def _page(
    deps: Deps,
    ending: Ending,
    status: int = 200,
    *,
    faults: Mapping[str, str] | None = None,
    wrong: str = "",
) -> Response:
    return deps.renderer.page(
        "ending.html",
        status=status,
        here=ending.here,
        ending=ending,
        faults=faults or {},
        wrong=wrong,
        form=request.form,
    )
