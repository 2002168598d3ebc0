"""The settings of a namespace and of a team: what they are called, say of themselves, belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_ui.views.deps import Deps
from portus_ui.views.ending import may_end_namespace

Json = Mapping[str, Any]
Change = Callable[[Mapping[str, str]], object]

_ID: Final = "<int(max=2147483647):number>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The settings of one thing.

    `values` are what can be changed, by field, as it is now; `back` is the thing's page, `ends`
    tells whether its deletion is offered.
    """

    here: str
    kind: str
    name: str
    back: str
    values: Mapping[str, str]
    ends: bool


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/n/<namespace>/settings`` and ``/teams/<id>/settings``."""
    routes = Blueprint("settings", __name__)
    _add_namespaces(routes, deps)
    _add_teams(routes, deps)
    return routes


def _add_namespaces(routes: Blueprint, deps: Deps) -> None:
    @routes.route("/n/<name>/settings", methods=["GET", "POST"])
    def namespace_settings(name: str) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        space = deps.pages.namespace_alone(viewer, name)
        if not (viewer.admin or space.get("role") == "owner"):
            raise errors.Denied
        values = {"description": space.get("description") or ""}
        if not (space.get("global") or space.get("personal")):
            values["team"] = space["team"]["name"]
        sheet = Sheet(
            here="Namespaces",
            kind="namespace",
            name=name,
            back=f"/n/{name}",
            values=values,
            ends=may_end_namespace(viewer, space),
        )
        return _answer(
            deps,
            sheet,
            lambda changes: deps.auth.teams.change_namespace(viewer, space["id"], **changes),
        )


def _add_teams(routes: Blueprint, deps: Deps) -> None:
    @routes.route(f"/teams/{_ID}/settings", methods=["GET", "POST"])
    def team_settings(number: int) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        team = deps.auth.teams.show(viewer, number)
        if not (viewer.admin or team.get("role") == "owner"):
            raise errors.Denied
        sheet = Sheet(
            here="Teams",
            kind="team",
            name=team["name"],
            back=f"/teams/{number}",
            values={"name": team["name"], "description": team.get("description") or ""},
            ends=True,
        )
        return _answer(
            deps, sheet, lambda changes: deps.auth.teams.change(viewer, number, **changes)
        )


def _answer(deps: Deps, sheet: Sheet, change: Change) -> AnyResponse:
    """Show the settings, or change what was typed otherwise; the page says why that cannot be."""
    if request.method == "GET":
        return _page(deps, sheet)
    typed = {field: request.form.get(field, old).strip() for field, old in sheet.values.items()}
    changes = {field: new for field, new in typed.items() if new != sheet.values[field]}
    try:
        if changes:
            change(changes)
    except errors.NotFound:
        return _page(deps, sheet, 422, faults={"team": ["There is no team of this name"]})
    except errors.Rejected as error:
        return _page(deps, sheet, 422, faults=error.fields, wrong=_unplaced(sheet, error))
    except (errors.Conflict, errors.Denied) as error:
        return _page(deps, sheet, 409, wrong=error.message)
    return redirect(sheet.back, 303)


def _unplaced(sheet: Sheet, error: errors.Rejected) -> str:
    """Return what is wrong with none of the fields."""
    if not error.fields:
        return error.message
    others = [error.fields[field] for field in error.fields if field not in sheet.values]
    return "; ".join(fault for found in others for fault in found)


def _page(
    deps: Deps,
    sheet: Sheet,
    status: int = 200,
    *,
    faults: Mapping[str, Sequence[str]] | None = None,
    wrong: str = "",
) -> Response:
    return deps.renderer.page(
        "settings.html",
        status=status,
        here=sheet.here,
        sheet=sheet,
        values={**sheet.values, **request.form},
        faults=faults or {},
        wrong=wrong,
    )
