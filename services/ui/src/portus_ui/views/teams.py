"""Teams: the list, and one with its members and namespaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared import errors
from portus_ui.domain.viewer import Viewer
from portus_ui.usecases.teams import TeamFacts
from portus_ui.views.deps import Deps
from portus_ui.views.models import ROLES, role_of
from portus_ui.views.paging import number_of, pager

Json = Mapping[str, Any]
Faults = Mapping[str, Sequence[str]]
_ID: Final = "<int(max=2147483647):team_id>"
_MEMBER: Final = f"/teams/{_ID}/members/<int(max=2147483647):member_id>"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One person in a team."""

    id: int
    username: str
    name: str
    role: str
    enabled: bool
    is_viewer: bool


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/teams`` and ``/teams/<id>``."""
    routes = Blueprint("teams", __name__)
    _add_list(routes, deps)
    _add_team(routes, deps)
    _add_members(routes, deps)
    return routes


def _add_list(routes: Blueprint, deps: Deps) -> None:
    @routes.get("/teams")
    def teams() -> Response:
        return _teams_page(deps, deps.visitors.signed_in())

    @routes.post("/teams")
    def create_team() -> AnyResponse:
        viewer = deps.visitors.signed_in()
        name, description = _typed("name"), _typed("description")
        try:
            made = deps.auth.teams.create(viewer, name, description)
        except errors.Rejected as error:
            return _teams_page(deps, viewer, status=422, faults=_faults(error, "name"))
        return redirect(f"/teams/{made['id']}", 303)


def _add_team(routes: Blueprint, deps: Deps) -> None:
    @routes.get(f"/teams/{_ID}")
    def team(team_id: int) -> Response:
        return _team_page(deps, deps.visitors.signed_in(), team_id)

    @routes.post(f"/teams/{_ID}/namespaces")
    def create_namespace(team_id: int) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        owner, name = deps.auth.teams.show(viewer, team_id), _typed("name")
        try:
            made = deps.auth.teams.create_namespace(viewer, owner["name"], name)
        except errors.Rejected as error:
            faults = {"namespace": next(iter(_faults(error, "name").values()))}
            return _team_page(deps, viewer, team_id, status=422, faults=faults)
        return redirect(f"/n/{made['name']}", 303)


def _add_members(routes: Blueprint, deps: Deps) -> None:
    @routes.post(f"/teams/{_ID}/members")
    def add_member(team_id: int) -> AnyResponse:
        viewer, username = deps.visitors.signed_in(), _typed("user")
        try:
            deps.auth.teams.add_member(viewer, team_id, username, _typed("role"))
        except errors.NotFound:
            faults: Faults = {"user": ["Nobody here has this username."]}
        except errors.Rejected as error:
            faults = _faults(error, "user")
        else:
            return redirect(f"/teams/{team_id}?{urlencode({'new': username})}", 303)
        return _team_page(deps, viewer, team_id, status=422, faults=faults)

    @routes.post(_MEMBER)
    def set_role(team_id: int, member_id: int) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        return _changed(
            deps,
            viewer,
            team_id,
            lambda: deps.auth.teams.set_role(viewer, team_id, member_id, _typed("role")),
        )

    @routes.post(f"{_MEMBER}/remove")
    def remove_member(team_id: int, member_id: int) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        return _changed(
            deps,
            viewer,
            team_id,
            lambda: deps.auth.teams.remove_member(viewer, team_id, member_id),
        )


def _changed(deps: Deps, viewer: Viewer, team_id: int, change: Callable[[], object]) -> AnyResponse:
    """Carry out a change of a member; the page says why one is not possible."""
    try:
        change()
    except errors.Conflict as error:
        return _team_page(deps, viewer, team_id, status=409, wrong=error.message)
    except errors.Rejected as error:
        return _team_page(deps, viewer, team_id, status=422, wrong=error.message)
    try:
        deps.auth.teams.show(viewer, team_id)
    except errors.NotFound:
        # Who left the team does not see it any more.
        return redirect("/teams", 303)
    return redirect(f"/teams/{team_id}", 303)


def _teams_page(
    deps: Deps, viewer: Viewer, *, status: int = 200, faults: Faults | None = None
) -> Response:
    listing = deps.team_pages.listing(viewer, number_of(request))
    return deps.renderer.page(
        "teams.html",
        status=status,
        here="Teams",
        rows=[(team, role_of(team)) for team in listing.items],
        pager=pager(request, listing, "team"),
        faults=faults or {},
        form=request.form,
    )


def _team_page(
    deps: Deps,
    viewer: Viewer,
    team_id: int,
    *,
    status: int = 200,
    faults: Faults | None = None,
    wrong: str = "",
) -> Response:
    facts = deps.team_pages.team(viewer, team_id)
    members = _members(facts, viewer)
    newcomer = request.args.get("new", "").casefold()
    return deps.renderer.page(
        "team.html",
        status=status,
        here="Teams",
        team=facts.team,
        manages=viewer.admin or facts.team.get("role") == "owner",
        creates=viewer.admin or facts.team.get("role") in {"owner", "contributor"},
        members=members,
        namespaces=facts.namespaces,
        roles=ROLES,
        newcomer=next((row for row in members if row.username.casefold() == newcomer), None),
        faults=faults or {},
        wrong=wrong,
        form=request.form,
    )


def _members(facts: TeamFacts, viewer: Viewer) -> list[MemberRow]:
    return [
        MemberRow(
            id=int(member["id"]),
            username=member["username"],
            name=member.get("display_name") or member["username"],
            role=member["role"],
            enabled=bool(member.get("enabled", True)),
            is_viewer=member["username"] == viewer.name,
        )
        for member in facts.members
    ]


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()


def _faults(error: errors.Rejected, field: str) -> Faults:
    """Return the faults by field; a bare sentence belongs to `field`."""
    return error.fields or {field: [error.message]}
