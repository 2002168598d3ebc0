"""`/api/v1/namespaces` and `/api/v1/registries`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, request

from portus_auth.domain.roles import Visibility
from portus_auth.routes.answers import array, entity, is_set, nothing, wanted_of, word_of
from portus_auth.routes.deps import Deps, author, terms_of
from portus_auth.schemas.namespaces import (
    NamespaceChangeSchema,
    NamespaceSchema,
    NewNamespaceSchema,
    ValidationSchema,
)
from portus_auth.storage.namespaces import SORTABLE, Filter
from portus_auth.usecases import deletions, names, namespaces
from portus_auth.usecases.namespaces import NamespaceChange
from portus_shared.web.body import load
from portus_shared.web.openapi import Operation, described

_ID: Final = "<int(max=2147483647):namespace_id>"


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("namespaces", __name__, url_prefix="/api/v1")
    _add_lists(routes, deps)
    _add_creation(routes, deps)
    _add_namespaces(routes, deps)
    return routes


def _add_lists(routes: Blueprint, deps: Deps) -> None:
    @routes.get("/namespaces")
    @described(
        Operation(
            summary="List namespaces",
            gives=NamespaceSchema(many=True),
            paged=True,
            query={
                "name": "only the namespace with exactly this name",
                "held": "true: deleted ones, and what is left of them (admins)",
            },
        )
    )
    def list_namespaces() -> Response:
        actor = deps.limited_caller(request)
        wanted, where = (
            wanted_of(request, SORTABLE),
            Filter(name=word_of(request, "name"), held=is_set(request, "held")),
        )
        with deps.read() as session:
            found = namespaces.list_namespaces(session, actor, wanted, where)
            return array(request, NamespaceSchema(), found)

    @routes.get("/namespaces/validate")
    @described(
        Operation(
            summary="Tell whether a new namespace may have a name",
            gives=ValidationSchema(),
            query={"name": "the name"},
        )
    )
    def validate_name() -> Response:
        actor = deps.caller(request)
        with deps.read() as session:
            faults = names.validate_name(session, actor, word_of(request, "name") or "")
        messages = {"name": faults} if faults else {}
        return entity(ValidationSchema(), {"valid": not faults, "messages": messages})


def _add_creation(routes: Blueprint, deps: Deps) -> None:
    @routes.post("/namespaces")
    @described(
        Operation(
            summary="Create a namespace",
            takes=NewNamespaceSchema(),
            gives=NamespaceSchema(),
            status=201,
        )
    )
    def create_namespace() -> Response:
        actor = deps.caller(request)
        given = load(NewNamespaceSchema(), request, within="namespace")
        with deps.write(author(actor, request)) as session:
            view = namespaces.create_namespace(
                session,
                actor,
                given["name"],
                given["team"],
                given["description"],
                adopt=given["adopt"],
            )
            return entity(NamespaceSchema(), view, HTTPStatus.CREATED)


def _add_namespaces(routes: Blueprint, deps: Deps) -> None:
    @routes.get(f"/namespaces/{_ID}")
    @described(Operation(summary="Show a namespace", gives=NamespaceSchema()))
    def show_namespace(namespace_id: int) -> Response:
        actor = deps.limited_caller(request)
        with deps.read() as session:
            view = namespaces.show_namespace(session, actor, namespace_id)
            return entity(NamespaceSchema(), view)

    @routes.put(f"/namespaces/{_ID}")
    @described(
        Operation(
            summary="Change a namespace", takes=NamespaceChangeSchema(), gives=NamespaceSchema()
        )
    )
    def update_namespace(namespace_id: int) -> Response:
        actor = deps.caller(request)
        given = load(NamespaceChangeSchema(), request, within="namespace")
        visibility = given.pop("visibility")
        change = NamespaceChange(visibility=Visibility(visibility) if visibility else None, **given)
        with deps.write(author(actor, request)) as session:
            view = namespaces.update_namespace(session, actor, namespace_id, change)
            return entity(NamespaceSchema(), view)

    @routes.delete(f"/namespaces/{_ID}")
    @described(
        Operation(
            summary="Delete a namespace with its images",
            status=204,
            query={"keep_images": "true: leave the images in the registry, for an admin to adopt"},
        )
    )
    def delete_namespace(namespace_id: int) -> Response:
        actor = deps.caller(request)
        with deps.write(author(actor, request)) as session:
            deletions.delete_namespace(session, actor, namespace_id, terms_of(request, deps))
        return nothing()
