"""`./portus up`: check everything first, then run all parts until told to stop."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from portus_shared.keys import CertificateAuthority
from portus_standalone.bus_change import told_again
from portus_standalone.bus_check import require_bus
from portus_standalone.console import Console
from portus_standalone.distributed.plan import Distributed
from portus_standalone.options import Options
from portus_standalone.probes import answers
from portus_standalone.refusal import Refusal
from portus_standalone.registry_binary import find_registry
from portus_standalone.registry_config import (
    Attachment,
    instructions,
    private_registry,
    to_yaml,
)
from portus_standalone.state import Secrets, State, write_private
from portus_standalone.supervisor import Child, StartFailed, Supervisor
from portus_standalone.welcome import greet

SERVER_GRACE_S: Final = 3.5
REGISTRY_GRACE_S: Final = 1.0


def up(options: Options, console: Console) -> None:
    """Run Portus until SIGINT or SIGTERM; raise `Refusal` when it cannot start."""
    os.umask(0o077)  # whatever any part of Portus writes is for its owner's eyes
    state = State(options.data)
    with state.opened():
        _require_ports(options)
        if options.bus:
            require_bus(options.bus)
        apart = Distributed.prepare(options, state, console.say) if options.distributed else None
        secrets = state.secrets()
        CertificateAuthority.load_or_create(state.ca_cert, state.ca_key)
        registry = _registry(options, state, secrets, console)
        if registry is None:
            _explain_attachment(options, state, secrets, console)
        stages = (
            apart.stages(secrets, registry, console.say)
            if apart
            else [[registry] if registry else [], [_server(options)]]
        )
        console.say("Starting Portus …")

        def when_ready() -> None:
            write_private(state.options, options.to_json())
            greet(console, options, state, own_registry=registry is not None)

        stages = [*told_again(options, state), *stages]
        _run(Supervisor(stages, console, state.logs), when_ready, console)
        console.say("Portus has stopped.")


def _run(supervisor: Supervisor, when_ready: Callable[[], None], console: Console) -> None:
    try:
        supervisor.run(when_ready)
    except StartFailed as error:
        for line in error.recent:
            console.say(f"  {line}")
        raise Refusal(str(error)) from error


def _require_ports(options: Options) -> None:
    options.listen.require_free("--listen")
    if options.registry_url is not None:
        return
    if options.registry_listen.port == options.listen.port:
        raise Refusal("--listen and --registry-listen need different ports.")
    options.registry_listen.require_free("--registry-listen")


def attachment(options: Options, state: State, secrets: Secrets) -> Attachment:
    """Return what ties a registry to this Portus."""
    own = options.registry_url is None
    return Attachment(
        public_url=options.public_url,
        notify_url=options.internal_url if own else options.public_url,
        service=options.registry_host,
        ca_cert=state.ca_cert,
        webhook_secret=secrets.webhook,
    )


def _registry_program(options: Options, state: State, console: Console) -> Path | None:
    if options.registry_url is not None:
        return None
    return find_registry(options.registry_binary, state.programs, console.say)


def _explain_attachment(options: Options, state: State, secrets: Secrets, console: Console) -> None:
    """Print the configuration that makes some other registry ours."""
    if options.registry_url is None:
        console.say("No registry could be found or fetched; Portus runs without one.")
        console.say("Start one yourself with this configuration, or name one: --registry URL")
    console.say(instructions(attachment(options, state, secrets), major=2))
    console.say("For Distribution 3.x: ./portus registry-config --version 3")


def _registry(options: Options, state: State, secrets: Secrets, console: Console) -> Child | None:
    """Return the private registry, None when another is attached or none can be had."""
    program = _registry_program(options, state, console)
    if program is None:
        return None
    config = private_registry(
        attachment(options, state, secrets),
        listen=options.registry_listen,
        images=state.registry / "images",
        http_secret=secrets.registry_http,
    )
    file = state.registry / "config.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_private(file, to_yaml(config))
    return Child(
        name="registry",
        argv=[str(program), "serve", str(file)],
        env=_registry_environ(os.environ),
        ready=answers(
            f"{options.registry_internal_url}/v2/",
            lambda answer: "Docker-Distribution-Api-Version" in answer.headers,
        ),
        grace_s=REGISTRY_GRACE_S,
        secrets=[secrets.webhook, secrets.registry_http],
    )


def _registry_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what would override the configuration file."""
    kept = {name: value for name, value in environ.items() if not name.startswith("REGISTRY_")}
    return {**kept, "OTEL_TRACES_EXPORTER": "none"}


def _server(options: Options) -> Child:
    config = "python:portus_standalone.gunicorn_config"
    app = "portus_standalone.server:create_app()"
    return Child(
        name="portus",
        argv=[sys.executable, "-m", "gunicorn", "-c", config, app],
        env={**os.environ, **options.to_environ(), "PYTHONUNBUFFERED": "1"},
        ready=answers(f"{options.internal_url}/api/v1/_ping", lambda answer: answer.ok),
        grace_s=SERVER_GRACE_S,
    )
