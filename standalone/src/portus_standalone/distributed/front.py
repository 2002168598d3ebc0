"""What stands before the services and gives them one origin: nginx, or our own dispatcher."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from portus_standalone.child import Child
from portus_standalone.distributed.nginx import configuration
from portus_standalone.distributed.ports import Ports
from portus_standalone.options import Options
from portus_standalone.probes import answers
from portus_standalone.refusal import Refusal
from portus_standalone.state import State, write_private

NGINX: Final = "nginx"
DISPATCHER: Final = "dispatcher"
GRACE_S: Final = 0.7
_ALSO_IN: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def front(options: Options, state: State, ports: Ports, say: Callable[[str], None]) -> Child:
    """Return the front that was asked for; without a wish nginx, where one is installed."""
    if options.front == DISPATCHER:
        return _dispatcher(options)
    program = _find_nginx()
    if program is None and options.front == NGINX:
        raise Refusal("nginx is not installed; leave --front out to do without it.")
    if program is None:
        return _dispatcher(options)
    command = [str(program), "-e", "stderr", "-c", str(_write_configuration(options, state, ports))]
    problem = _problem(command)
    if problem and options.front == NGINX:
        raise Refusal(f"{program} does not accept its configuration:\n{problem}")
    if problem:
        say(f"{program} cannot be used ({problem.splitlines()[0]}); the dispatcher does its work.")
        return _dispatcher(options)
    return _child(options, command, dict(os.environ))


def _find_nginx() -> Path | None:
    found = shutil.which(NGINX, path=os.pathsep.join([os.environ.get("PATH", ""), *_ALSO_IN]))
    return Path(found) if found else None


def _write_configuration(options: Options, state: State, ports: Ports) -> Path:
    state.front.mkdir(mode=0o700, exist_ok=True)
    file = state.front / "nginx.conf"
    text = configuration(options.listen, state.front, ports, options.registry_host)
    write_private(file, text)
    return file


def _problem(command: list[str]) -> str:
    """Return why this nginx cannot be run so, an empty string when it can."""
    done = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip() or f"status {done.returncode}"


def _dispatcher(options: Options) -> Child:
    command = [sys.executable, "-m", "portus_standalone.distributed.dispatcher"]
    environ = {**os.environ, **options.to_environ(), "PYTHONUNBUFFERED": "1"}
    return _child(options, command, environ)


def _child(options: Options, command: list[str], environ: dict[str, str]) -> Child:
    return Child(
        name="front",
        argv=command,
        env=environ,
        ready=answers(f"{options.internal_url}/api/v1/_ping", lambda answer: answer.ok),
        grace_s=GRACE_S,
    )
