"""A private RabbitMQ node and its port mapper, which touch nothing of a system broker.

Debian's program in /usr/lib is run, because the wrapper in /usr/sbin insists on its own user. The
node has its own home (and so its own Erlang cookie), account, ports and port mapper, all on the
loopback address.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portus_standalone.child import Child
from portus_standalone.distributed.ports import HOST, Ports
from portus_standalone.refusal import Refusal
from portus_standalone.state import write_private

GRACE_S: Final = 1.5
_SERVERS: Final = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server")
_ACCOUNT: Final = "portus"
_ONLY_LOOPBACK: Final = "-kernel inet_dist_use_interface {127,0,0,1}"
_ELECTIONS: Final = (
    "[ra:trigger_election(amqqueue:get_pid(Queue)) || Queue <- rabbit_amqqueue:list(), "
    "amqqueue:get_type(Queue) =:= rabbit_quorum_queue]."
)
_PROBE_TIMEOUT_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerPrograms:
    """The programs that make a broker; `control` is None where it does not lie beside it."""

    server: Path
    control: Path | None
    port_mapper: Path


def find_broker(servers: Sequence[str] = _SERVERS) -> BrokerPrograms:
    """Return the installed RabbitMQ; raise `Refusal` when there is none."""
    server = next((found for each in servers if (found := shutil.which(each))), None)
    port_mapper = shutil.which("epmd")
    if server is None or port_mapper is None:
        raise Refusal(
            "RabbitMQ is not installed, and the services of --distributed need one. Install it "
            "(Debian and Ubuntu: sudo apt-get install rabbitmq-server), name one with "
            "--bus amqp://USER:PASSWORD@HOST:PORT/VHOST, or leave --distributed out."
        )
    control = Path(server).with_name("rabbitmqctl")
    return BrokerPrograms(
        server=Path(server),
        control=control if control.exists() else None,
        port_mapper=Path(port_mapper),
    )


def broker_url(ports: Ports, password: str) -> str:
    """Return the URL that services reach the private node by."""
    return f"amqp://{_ACCOUNT}:{password}@{HOST}:{ports['rabbitmq']}/%2F"


def port_mapper(programs: BrokerPrograms, home: Path, ports: Ports) -> Child:
    """Return the child that tells Erlang's programs where the node is."""
    port = ports["epmd"]
    return Child(
        name="epmd",
        argv=[str(programs.port_mapper), "-address", HOST, "-port", str(port)],
        env=_environ(home, ports),
        ready=listens(port),
        grace_s=0.3,
    )


def node(programs: BrokerPrograms, home: Path, ports: Ports, password: str) -> Child:
    """Write the node's configuration and return the child that runs it."""
    home.mkdir(mode=0o700, exist_ok=True)
    write_private(home / "plugins", "[].\n")
    write_private(home / "rabbitmq.conf", _configuration(ports, password))
    return Child(
        name="rabbitmq",
        argv=[str(programs.server)],
        env=_environ(home, ports),
        # It listens once all else of it is up.
        ready=listens(ports["rabbitmq"]),
        grace_s=GRACE_S,
        start_timeout_s=120.0,
        secrets=[password],
    )


def elections(programs: BrokerPrograms, home: Path, ports: Ports) -> list[Child]:
    """Return the errand that gives each queue a leader, as one may have come back without.

    RabbitMQ writes down some seconds late where a new quorum queue lives. One declared just before
    a power cut is made anew at the next start, and then waits for ever for somebody to call an
    election; publishers wait with it. Calling one does nothing to a queue that has a leader.
    """
    if programs.control is None:
        return []
    call = '"$0" eval "$1" || echo "[error] no election could be called: see log/rabbitmq.log"'
    return [
        Child(
            name="rabbitmq-elections",
            argv=["/bin/sh", "-c", call, str(programs.control), _ELECTIONS],
            env=_environ(home, ports),
            ready=None,
        )
    ]


def listens(port: int) -> Callable[[], bool]:
    """Return a probe: whether something accepts connections on `port`."""

    def probe() -> bool:
        with socket.socket() as client:
            client.settimeout(_PROBE_TIMEOUT_S)
            return client.connect_ex((HOST, port)) == 0

    return probe


def _configuration(ports: Ports, password: str) -> str:
    settings = {
        "listeners.tcp.1": f"{HOST}:{ports['rabbitmq']}",
        "default_user": _ACCOUNT,
        "default_pass": password,
        "log.console": "true",
        "log.console.level": "error",
        "log.file": "false",
    }
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


def _environ(home: Path, ports: Ports) -> dict[str, str]:
    idle_schedulers_sleep = "+sbwt none +sbwtdcpu none +sbwtdio none"
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "ERL_EPMD_ADDRESS": HOST,
        "ERL_EPMD_PORT": str(ports["epmd"]),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_DIST_PORT": str(ports["rabbitmq-peers"]),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_MNESIA_BASE": str(home / "data"),
        # Not the machine's name: laptops and containers change it, and the data is filed under it.
        "RABBITMQ_NODENAME": "portus@localhost",
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (f"{_ONLY_LOOPBACK} {idle_schedulers_sleep}"),
        "RABBITMQ_CTL_ERL_ARGS": _ONLY_LOOPBACK,
        # Makes the script become the node instead of waiting for a child of its own.
        "RUNNING_UNDER_SYSTEMD": "true",
    }
