"""`/api/v1/registries`: where the registry is, for admins."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, request

from portus_auth.routes.answers import array, entity, is_set, word_of
from portus_auth.routes.deps import Deps, author
from portus_auth.schemas.namespaces import ValidationSchema
from portus_auth.schemas.registries import NewRegistrySchema, RegistryChangeSchema, RegistrySchema
from portus_auth.storage.paging import Listing
from portus_auth.usecases import registries
from portus_auth.usecases.registries import Place
from portus_shared.web.body import load
from portus_shared.web.openapi import Operation, described

_ID: Final = "<int(max=2147483647):registry_id>"


def blueprint(deps: Deps) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("registries", __name__, url_prefix="/api/v1/registries")
    _add_reading(routes, deps)
    _add_changes(routes, deps)
    return routes


def _add_reading(routes: Blueprint, deps: Deps) -> None:
    @routes.get("")
    @described(Operation(summary="List registries", gives=RegistrySchema(many=True)))
    def list_registries() -> Response:
        actor = deps.caller(request)
        with deps.read() as session:
            found = registries.list_registries(session, actor)
            return array(request, RegistrySchema(), Listing(items=found, total=len(found)))

    @routes.get("/validate")
    @described(
        Operation(
            summary="Tell whether a registry could be used, by asking it",
            gives=ValidationSchema(),
            query={
                "name": "the name",
                "hostname": "host:port as services reach it",
                "use_ssl": "true: it speaks TLS",
                "external_hostname": "host:port as people type it",
                "only[]": "tell about these fields alone",
            },
        )
    )
    def validate_registry() -> Response:
        actor = deps.caller(request)
        registries.demand_registries(actor)
        place = Place(
            name=word_of(request, "name"),
            hostname=word_of(request, "hostname"),
            use_ssl=is_set(request, "use_ssl"),
            external_hostname=word_of(request, "external_hostname"),
        )
        with deps.read() as session:
            faults = registries.faults_of(session, place)
        messages = registries.reached(place, faults, request.args.getlist("only[]"))
        return entity(ValidationSchema(), {"valid": not messages, "messages": messages})


def _add_changes(routes: Blueprint, deps: Deps) -> None:
    @routes.post("")
    @described(
        Operation(
            summary="Create a registry; refused while there can be one only",
            takes=NewRegistrySchema(),
            gives=RegistrySchema(),
            status=201,
        )
    )
    def create_registry() -> Response:
        actor = deps.caller(request)
        registries.demand_registries(actor)
        place = Place(**load(NewRegistrySchema(), request, within="registry"))
        with deps.write(author(actor, request)) as session:
            made = registries.create_registry(session, actor, place)
            return entity(RegistrySchema(), made, HTTPStatus.CREATED)

    @routes.put(f"/{_ID}")
    @described(
        Operation(summary="Change a registry", takes=RegistryChangeSchema(), gives=RegistrySchema())
    )
    def update_registry(registry_id: int) -> Response:
        actor = deps.caller(request)
        registries.demand_registries(actor)
        place = Place(**load(RegistryChangeSchema(), request, within="registry"))
        with deps.write(author(actor, request)) as session:
            changed = registries.update_registry(session, actor, registry_id, place)
            return entity(RegistrySchema(), changed)
