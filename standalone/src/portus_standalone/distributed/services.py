"""The four services as processes: what each is told, and how it is run."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from portus_standalone.child import Child
from portus_standalone.distributed.broker import broker_url
from portus_standalone.distributed.ports import HOST, SERVERS, WORKERS, Ports, local_url, read_ports
from portus_standalone.environs import Environ, service_environs
from portus_standalone.options import Options
from portus_standalone.probes import answers
from portus_standalone.state import Secrets, State

GRACE_S: Final = 2.0
_LONGEST_SOCKET_PATH: Final = 100

Environs = Mapping[str, Environ]


def environs(options: Options, state: State, secrets: Secrets, ports: Ports) -> Environs:
    """Return the settings of each service by its name."""
    shared = {
        "PORTUS_BUS_URL": options.bus or broker_url(ports, secrets.broker),
        "PORTUS_AUTH_URL": local_url(ports["auth"]),
        **_bells(state.bells),
    }
    apart = {name: {**shared, "PORTUS_LISTEN": f"{HOST}:{ports[name]}"} for name in SERVERS}
    # Every caller of a service is the front: it says who the caller really is.
    for name in SERVERS:
        apart[name][f"PORTUS_{name.upper()}_TRUSTED_PROXIES"] = "1"
    apart["ui"] |= {
        "PORTUS_CATALOG_URL": local_url(ports["catalog"]),
        "PORTUS_SYNC_URL": local_url(ports["sync"]),
    }
    return service_environs(options, state, secrets, apart)


def last_settings(options: Options, state: State) -> Environs:
    """Return the settings of each service as it was run last, in either form."""
    secrets = state.secrets()
    if options.distributed:
        return environs(options, state, secrets, read_ports(state.ports))
    return service_environs(options, state, secrets)


def migrations(settings: Environs) -> list[Child]:
    """Return the errands that bring the databases up to date."""
    return [
        Child(
            name=f"{name}-migrate",
            argv=[program(name), "migrate"],
            env=process_environ(settings[name]),
            ready=None,
            start_timeout_s=600.0,
        )
        for name in SERVERS
    ]


def servers(settings: Environs, ports: Ports) -> list[Child]:
    """Return the services' HTTP servers."""
    return [
        Child(
            name=name,
            argv=[program(name), "web"],
            env=process_environ(settings[name]),
            ready=answers(f"{local_url(ports[name])}/ready", lambda answer: answer.ok),
            grace_s=GRACE_S,
        )
        for name in SERVERS
    ]


def workers(settings: Environs, ports: Ports) -> list[Child]:
    """Return the services' loops; ui has none apart from its server."""
    return [
        Child(
            name=name,
            argv=[program(name.removesuffix("-worker")), "worker", "--listen", _at(ports[name])],
            env=process_environ(settings[name.removesuffix("-worker")]),
            ready=answers(f"{local_url(ports[name])}/live", lambda answer: answer.ok),
            grace_s=GRACE_S,
        )
        for name in WORKERS
    ]


def program(service: str) -> str:
    """Return the program of a service, which was installed beside this one."""
    return str(Path(sysconfig.get_path("scripts")) / f"portus-{service}")


def process_environ(settings: Environ) -> dict[str, str]:
    """Return the environment of a service's process: ours, but no setting except its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTUS_")}
    return {**kept, **settings, "PYTHONUNBUFFERED": "1"}


def _at(port: int) -> str:
    return f"{HOST}:{port}"


def _bells(directory: Path) -> Environ:
    """Return where the bells are; a path too long for a socket leaves looking once a second."""
    if len(os.fsencode(directory / "catalog.bell")) > _LONGEST_SOCKET_PATH:
        return {}
    return {"PORTUS_BELL_DIR": str(directory)}
