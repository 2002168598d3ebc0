"""The registry that auth signs for: shown and changed by admins; there is one today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from portus_auth.clients.registry import fault_of
from portus_auth.domain import permissions
from portus_auth.domain.actors import Actor
from portus_auth.domain.faults import reject
from portus_auth.domain.registries import faults_of_host, moved
from portus_auth.domain.titles import faults_of_title
from portus_auth.storage import namespaces
from portus_auth.storage.tables import Registry
from portus_auth.usecases import publish
from portus_shared.clock import next_revision
from portus_shared.errors import Denied, NotFound, Rejected

ONLY_ONE: Final = {"uniqueness": ["You can only create one registry"]}
_RENAMED: Final = ["cannot be changed: the other services know the registry by it"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a registry is said to be; None leaves a value alone."""

    name: str | None = None
    hostname: str | None = None
    use_ssl: bool | None = None
    external_hostname: str | None = None


def demand_registries(actor: Actor) -> None:
    """Raise `Denied` unless the actor may see and change registries."""
    if not permissions.may_manage_registries(actor):
        raise Denied


def list_registries(session: Session, actor: Actor) -> Sequence[Registry]:
    """List the registries."""
    demand_registries(actor)
    return namespaces.registries(session)


def create_registry(session: Session, actor: Actor, place: Place) -> Registry:
    """Refuse a second registry, after what else is wrong with it: the first is made at start."""
    demand_registries(actor)
    reject({**faults_of(session, place), **ONLY_ONE})
    raise Rejected(fields=ONLY_ONE)


def update_registry(session: Session, actor: Actor, registry_id: int, place: Place) -> Registry:
    """Say where a registry is now; sync follows and scans it there.

    It holds until the settings themselves are changed.
    """
    demand_registries(actor)
    revision = next_revision(session)
    registry = next((row for row in namespaces.registries(session) if row.id == registry_id), None)
    if registry is None:
        raise NotFound
    host = place.hostname
    faults = {
        "name": [] if place.name in {None, registry.name} else _RENAMED,
        "hostname": [] if host is None else faults_of_host(host),
        "external_hostname": faults_of_host(place.external_hostname)
        if place.external_hostname
        else [],
    }
    reject(faults)
    registry.url = moved(registry.url, host, tls=place.use_ssl)
    if place.external_hostname is not None:
        # Without a name of its own a registry is typed as services know it, as in the original.
        registry.external_host = place.external_hostname or registry.hostname
    registry.touch(revision)
    session.flush()
    publish.registry_changed(session, registry)
    return registry


def faults_of(session: Session, place: Place) -> dict[str, list[str]]:
    """Say what is wrong with a new registry, as far as can be told without asking it."""
    name = (place.name or "").strip()
    taken = any(row.name == name for row in namespaces.registries(session))
    return {
        "name": ["has already been taken"] if taken else faults_of_title(name),
        "hostname": faults_of_host(place.hostname or ""),
        "external_hostname": faults_of_host(place.external_hostname)
        if place.external_hostname
        else [],
    }


def reached(
    place: Place,
    faults: dict[str, list[str]],
    only: Collection[str],
    ask: Callable[[str], str | None] = fault_of,
) -> dict[str, list[str]]:
    """Return the faults that are asked for; a hostname without any is asked, in no transaction."""
    wanted = {name: found for name, found in faults.items() if not only or name in only}
    if wanted.get("hostname") == []:
        fault = ask(f"{'https' if place.use_ssl else 'http'}://{place.hostname}")
        wanted["hostname"] = [fault] if fault else []
    return {name: found for name, found in wanted.items() if found}
