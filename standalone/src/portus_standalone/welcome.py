"""The screen that `./portus up` ends with: where to go and what to type next."""

from __future__ import annotations

from collections.abc import Iterator

from portus_standalone.console import Console
from portus_standalone.distributed.ports import HOST, SERVERS, WORKERS, read_ports
from portus_standalone.options import Options
from portus_standalone.state import State


def greet(console: Console, options: Options, state: State, *, own_registry: bool) -> None:
    """Print the addresses, the set-up code while there is one, and the docker lines."""
    console.say()
    console.say(console.strong("Portus is ready."))
    console.say()
    for line in (*_addresses(console, options, state), "", *_docker_lines(options)):
        console.say(f"  {line}" if line else "")
    console.say()
    if options.distributed:
        console.say(f"  {_parts(state)}")
    for line in _notes(options, own_registry=own_registry):
        console.say(f"  {line}")
    console.say(f"  Data and logs: {state.directory}   Ctrl-C stops everything.")
    console.say()


def _addresses(console: Console, options: Options, state: State) -> Iterator[str]:
    yield f"Browser       {console.strong(options.public_url)}"
    yield f"Registry      {console.strong(options.registry_host)}"
    if state.setup_code.exists():
        code = state.setup_code.read_text().strip()
        yield f"Set-up code   {console.strong(code)}"
        yield f"              create the first admin with it at {options.public_url}/setup"


def _parts(state: State) -> str:
    """Return where operators find each part's /ready and /metrics."""
    ports = read_ports(state.ports)
    parts = ", ".join(f"{name} {ports[name]}" for name in (*SERVERS, *WORKERS))
    return f"On {HOST}, for operators: {parts}."


def _docker_lines(options: Options) -> Iterator[str]:
    host = options.registry_host
    yield f"docker login {host}"
    yield f"docker tag hello-world {host}/hello-world"
    yield f"docker push {host}/hello-world"


def _notes(options: Options, *, own_registry: bool) -> Iterator[str]:
    plain = own_registry or (options.registry_url or "").startswith("http://")
    if plain and not options.registry_listen.is_loopback:
        yield f'docker needs "insecure-registries": ["{options.registry_host}"]'
        yield "in /etc/docker/daemon.json, because this registry speaks plain HTTP."
