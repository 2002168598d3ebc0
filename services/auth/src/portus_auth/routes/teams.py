"""`/api/v1/teams` and their members."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, request

from portus_auth.routes.answers import (
    array,
    entity,
    new_team_of,
    nothing,
    wanted_of,
    word_of,
)
from portus_auth.routes.deps import Deps, author, terms_of
from portus_auth.schemas.namespaces import NamespaceSchema
from portus_auth.schemas.teams import (
    MemberSchema,
    NewMemberSchema,
    NewTeamSchema,
    RoleSchema,
    TeamChangeSchema,
    TeamSchema,
)
from portus_auth.storage import namespaces as stored_namespaces
from portus_auth.storage.namespaces import Filter
from portus_auth.storage.teams import MEMBERS_SORTABLE, SORTABLE
from portus_auth.usecases import deletions, namespaces, teams
from portus_shared.web.body import load
from portus_shared.web.openapi import Operation, described

_ID: Final = "<int(max=2147483647):team_id>"
_MEMBER: Final = f"/{_ID}/members/<int(max=2147483647):member_id>"


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("teams", __name__, url_prefix="/api/v1/teams")
    _add_lists(routes, deps)
    _add_teams(routes, deps)
    _add_deletion(routes, deps)
    _add_members(routes, deps)
    _add_member(routes, deps)
    return routes


def _add_lists(routes: Blueprint, deps: Deps) -> None:
    @routes.get("")
    @described(
        Operation(
            summary="List teams",
            gives=TeamSchema(many=True),
            paged=True,
            query={"name": "only the team with exactly this name"},
        )
    )
    def list_teams() -> Response:
        actor = deps.caller(request)
        wanted, name = wanted_of(request, SORTABLE), word_of(request, "name")
        with deps.read() as session:
            found = teams.list_teams(session, actor, wanted, name=name)
            return array(request, TeamSchema(), found)

    @routes.get(f"/{_ID}/namespaces")
    @described(
        Operation(summary="List a team's namespaces", gives=NamespaceSchema(many=True), paged=True)
    )
    def list_namespaces(team_id: int) -> Response:
        actor = deps.caller(request)
        wanted = wanted_of(request, stored_namespaces.SORTABLE)
        with deps.read() as session:
            where = Filter(team_id=team_id)
            found = namespaces.list_namespaces(session, actor, wanted, where)
            return array(request, NamespaceSchema(), found)


def _add_teams(routes: Blueprint, deps: Deps) -> None:
    @routes.post("")
    @described(
        Operation(summary="Create a team", takes=NewTeamSchema(), gives=TeamSchema(), status=201)
    )
    def create_team() -> Response:
        actor = deps.caller(request)
        given = load(NewTeamSchema(), request, within="team")
        with deps.write(author(actor, request)) as session:
            view = teams.create_team(session, actor, **given)
            return entity(TeamSchema(), view, HTTPStatus.CREATED)

    @routes.get(f"/{_ID}")
    @described(Operation(summary="Show a team", gives=TeamSchema()))
    def show_team(team_id: int) -> Response:
        actor = deps.caller(request)
        with deps.read() as session:
            return entity(TeamSchema(), teams.show_team(session, actor, team_id))

    @routes.put(f"/{_ID}")
    @described(Operation(summary="Change a team", takes=TeamChangeSchema(), gives=TeamSchema()))
    def update_team(team_id: int) -> Response:
        actor = deps.caller(request)
        given = load(TeamChangeSchema(), request, within="team")
        with deps.write(author(actor, request)) as session:
            view = teams.update_team(session, actor, team_id, **given)
            return entity(TeamSchema(), view)


def _add_deletion(routes: Blueprint, deps: Deps) -> None:
    @routes.delete(f"/{_ID}")
    @described(
        Operation(
            summary="Delete a team",
            status=204,
            query={
                "new_team": "the team that takes over its namespaces, by name",
                "keep_images": "true: leave the images of its namespaces in the registry",
            },
        )
    )
    def delete_team(team_id: int) -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            heir, terms = new_team_of(request), terms_of(request, deps)
            deletions.delete_team(session, actor, team_id, heir, terms)
        return nothing()


def _add_members(routes: Blueprint, deps: Deps) -> None:
    @routes.get(f"/{_ID}/members")
    @described(Operation(summary="List members", gives=MemberSchema(many=True), paged=True))
    def list_members(team_id: int) -> Response:
        actor = deps.caller(request)
        wanted = wanted_of(request, MEMBERS_SORTABLE)
        with deps.read() as session:
            found = teams.list_members(session, actor, team_id, wanted)
            return array(request, MemberSchema(), found)

    @routes.post(f"/{_ID}/members")
    @described(
        Operation(summary="Add a member", takes=NewMemberSchema(), gives=MemberSchema(), status=201)
    )
    def add_member(team_id: int) -> Response:
        actor = deps.caller(request)
        given = load(NewMemberSchema(), request)
        with deps.write(author(actor, request)) as session:
            member = teams.add_member(session, actor, team_id, given["user"], given["role"])
            return entity(MemberSchema(), member, HTTPStatus.CREATED)


def _add_member(routes: Blueprint, deps: Deps) -> None:
    @routes.put(_MEMBER)
    @described(Operation(summary="Change a role", takes=RoleSchema(), gives=MemberSchema()))
    def set_member(team_id: int, member_id: int) -> Response:
        actor = deps.caller(request)
        role = load(RoleSchema(), request)["role"]
        with deps.write(author(actor, request)) as session:
            member = teams.set_member(session, actor, team_id, member_id, role)
            return entity(MemberSchema(), member)

    @routes.delete(_MEMBER)
    @described(Operation(summary="Remove a member", status=204))
    def remove_member(team_id: int, member_id: int) -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            teams.remove_member(session, actor, team_id, member_id)
        return nothing()
