"""The settings of each service in standalone, as it would read them from its environment.

What a person set in the real environment is passed on to all of them, below what standalone
decides.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from portus_standalone.options import THREADS, Options
from portus_standalone.registry_config import ISSUER
from portus_standalone.state import Secrets, State

Environ = Mapping[str, str]


def service_environs(
    options: Options, state: State, secrets: Secrets, apart: Mapping[str, Environ] | None = None
) -> Mapping[str, Environ]:
    """Return each service's settings by its name; `apart` are those of services that run apart."""
    shared = {
        "PORTUS_PUBLIC_URL": options.public_url,
        "PORTUS_BUS_URL": options.bus or "inprocess:",
        "PORTUS_CA_CERT_FILE": str(state.ca_cert),
    }
    own = {
        "auth": _auth(options, state, secrets),
        "sync": {
            "PORTUS_SERVICE_SECRET": secrets.sync,
            "PORTUS_WEBHOOK_SECRET": secrets.webhook,
        },
        "catalog": {"PORTUS_SERVICE_SECRET": secrets.catalog},
        "ui": {
            "PORTUS_SERVICE_SECRET": secrets.ui,
            "PORTUS_UI_INSECURE_COOKIES": "true",
            "PORTUS_UI_THREADS": str(THREADS),
        },
    }
    return {
        name: _over_inherited(
            {
                **shared,
                "PORTUS_DATABASE_URL": options.database or f"sqlite:///{state.database(name)}",
                **settings,
                **(apart or {}).get(name, {}),
            }
        )
        for name, settings in own.items()
    }


def _over_inherited(decided: Environ) -> Environ:
    """Add what a person set, except what would replace something decided here."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("PORTUS_") and name.removesuffix("_FILE") not in decided
    }
    return {**inherited, **decided}


def _auth(options: Options, state: State, secrets: Secrets) -> Environ:
    # SQLite lies in the same directory: it goes away with the file.
    kept = {"PORTUS_FACTS_SNAPSHOT_FILE": str(state.facts)} if options.database else {}
    return {
        **kept,
        "PORTUS_CA_KEY_FILE": str(state.ca_key),
        "PORTUS_REGISTRY_URL": options.registry_internal_url,
        "PORTUS_REGISTRY_EXTERNAL_HOST": options.registry_host,
        "PORTUS_TOKEN_ISSUER": ISSUER,
        "PORTUS_SYNC_SECRET": secrets.sync,
        "PORTUS_CATALOG_SECRET": secrets.catalog,
        "PORTUS_UI_SECRET": secrets.ui,
        "PORTUS_SETUP_CODE_FILE": str(state.setup_code),
    }
