"""The services' OpenAPI documents, merged into the one of the public origin."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from portus_shared.errors import Unavailable
from portus_shared.http import Client

_SCHEMAS: Final = "#/components/schemas/"
_SERVER_ERROR: Final = 500


class Documents:
    """Ask every service for its document; `own` is ui's."""

    def __init__(self, clients: Mapping[str, Client], own: Mapping[str, Any]) -> None:
        self._clients = clients
        self._own = own

    def merged(self) -> dict[str, Any]:
        """Return one document; raises `Unavailable` when a service's part cannot be had."""
        documents = {"ui": dict(self._own)}
        for name, client in self._clients.items():
            response = client.get("/openapi.json")
            if response.status_code >= _SERVER_ERROR:
                raise Unavailable(f"{name} does not answer", missing=name)
            # A service without a public address of its own may describe none.
            if response.ok:
                documents[name] = response.json()
        return _merge(documents)


def _merge(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    components: dict[str, dict[str, Any]] = {}
    for service, document in documents.items():
        renamed = _with_own_names(service, document)
        paths |= renamed.get("paths", {})
        for kind, entries in renamed.get("components", {}).items():
            components.setdefault(kind, {}).update(entries)
    first = next(iter(documents.values()))
    public = {path: paths[path] for path in sorted(paths) if not path.startswith("/internal/")}
    return {
        "openapi": first["openapi"],
        "info": first["info"],
        "paths": public,
        "components": components,
    }


def _with_own_names(service: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Put the service before its schemas' names: two services may mean two things by one."""
    prefix = f"{service.capitalize()}."
    text = json.dumps(document).replace(_SCHEMAS, _SCHEMAS + prefix)
    renamed: dict[str, Any] = json.loads(text)
    components = renamed.setdefault("components", {})
    schemas = components.get("schemas", {})
    components["schemas"] = {f"{prefix}{name}": schema for name, schema in schemas.items()}
    return renamed
