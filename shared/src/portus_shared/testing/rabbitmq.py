"""A private RabbitMQ node that touches nothing of a system broker.

Debian's program in /usr/lib is used, because the wrapper in /usr/sbin insists on its own user.
The node has its own home (and so its own Erlang cookie), node name, ports and port mapper.
"""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import requests

from portus_shared.testing.missing import find_program
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import can_bind, free_port, is_listening, wait_until

_LIBRARY: Final = "/usr/lib/rabbitmq/bin/rabbitmq-server"
_CONTROL: Final = "/usr/lib/rabbitmq/bin/rabbitmqctl"
_ACCOUNT: Final = ("guest", "guest")
_START_TIMEOUT_S: Final = 90


def find_rabbitmq() -> Path:
    """Return the program of a RabbitMQ node; raises `NotInstalled`."""
    names = [_LIBRARY, "rabbitmq-server"]
    return find_program(names, component="RabbitMQ", install="rabbitmq-server")


class RabbitMQ:
    """One running node; `fresh_vhost` yields the AMQP URL of an empty virtual host."""

    def __init__(self) -> None:
        self._server = find_rabbitmq()
        self._epmd_program = find_program(["epmd"], component="RabbitMQ", install="rabbitmq-server")
        self._home = Path(tempfile.mkdtemp(prefix="portus-mq-"))
        self._names = itertools.count(1)
        self.port, self._api_port = free_port(), free_port()
        self._epmd_port, self._distribution_port = free_port(), free_port()
        (self._home / "plugins").write_text("[rabbitmq_management].\n")
        (self._home / "rabbitmq.conf").write_text(self._configuration())
        self._epmd = self._start_port_mapper()
        self.process = self._start()

    def url(self, vhost: str) -> str:
        """Return the AMQP URL of `vhost`, in the form that PORTUS_BUS_URL takes."""
        return f"amqp://{_ACCOUNT[0]}:{_ACCOUNT[1]}@127.0.0.1:{self.port}/{vhost}"

    @contextmanager
    def fresh_vhost(self) -> Iterator[str]:
        """Create an empty virtual host, yield its AMQP URL, and drop it with its connections."""
        name = f"test-{next(self._names)}"
        self.add_vhost(name)
        try:
            yield self.url(name)
        finally:
            if self.process.is_running:
                self.remove_vhost(name)

    def add_vhost(self, name: str) -> None:
        """Create a virtual host."""
        self.api("PUT", f"vhosts/{name}")
        self.api("PUT", f"permissions/{name}/{_ACCOUNT[0]}", configure=".*", write=".*", read=".*")

    def remove_vhost(self, name: str) -> None:
        """Drop a virtual host and its connections: to its users the broker is away."""
        self.api("DELETE", f"vhosts/{name}")

    def api(self, method: str, path: str, **body: object) -> Any:
        """Call the management API and return what it answers, decoded."""
        url = f"http://127.0.0.1:{self._api_port}/api/{path}"
        answer = requests.request(method, url, json=body or None, auth=_ACCOUNT, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def kill(self) -> None:
        """End the node as a power cut would; `start_again` brings it back with its data.

        RabbitMQ 3.10 writes down where a quorum queue lives some seconds after declaring it: one
        declared just before the kill comes back without a leader.
        """
        self.process.kill()

    def set_memory_limit(self, fraction: float) -> None:
        """Let the node use this part of the machine's memory; a tiny one raises its alarm."""
        program = find_program([_CONTROL], component="RabbitMQ", install="rabbitmq-server")
        command = [str(program), "set_vm_memory_high_watermark", str(fraction)]
        subprocess.run(command, env=self._environment(), check=True, stdout=subprocess.DEVNULL)

    def shut_down(self) -> None:
        """End the node in good order; `start_again` brings it back with its data."""
        self.process.stop(60)

    def start_again(self) -> None:
        """Start the node on the same ports and data, once the former one let go of them."""
        for port in (self.port, self._api_port, self._distribution_port):
            wait_until(partial(can_bind, port), what=f"port {port} is free again")
        self.process = self._start()

    def stop(self) -> None:
        """End the node at once and remove its files."""
        self.process.kill()
        self._epmd.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> Process:
        process = Process([str(self._server)], log=self._home / "log", env=self._environment())

        def answers() -> bool:
            if not process.is_running:
                raise RuntimeError(f"RabbitMQ ended at once:\n{process.output()}")
            return is_listening(self.port) and is_listening(self._api_port)

        wait_until(answers, _START_TIMEOUT_S, what="RabbitMQ accepts connections")
        return process

    def _start_port_mapper(self) -> Process:
        command = [str(self._epmd_program), "-address", "127.0.0.1", "-port", str(self._epmd_port)]
        process = Process(command, log=self._home / "epmd.log")
        wait_until(lambda: is_listening(self._epmd_port), what="epmd accepts connections")
        return process

    def _configuration(self) -> str:
        settings = {
            "listeners.tcp.1": f"127.0.0.1:{self.port}",
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": self._api_port,
            "disk_free_limit.absolute": "10MB",
            "log.console": "true",
            "log.console.level": "warning",
            "log.file": "false",
        }
        return "".join(f"{name} = {value}\n" for name, value in settings.items())

    def _environment(self) -> dict[str, str]:
        quiet_schedulers = "+sbwt none +sbwtdcpu none +sbwtdio none"
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._home),
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_CONFIG_FILE": str(self._home / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._home / "plugins"),
            "RABBITMQ_LOG_BASE": str(self._home / "logs"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_MNESIA_BASE": str(self._home / "mnesia"),
            "RABBITMQ_NODENAME": f"portus-{os.getpid()}-{self.port}@localhost",
            "RABBITMQ_PID_FILE": str(self._home / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                f"-kernel inet_dist_use_interface {{127,0,0,1}} {quiet_schedulers}"
            ),
            # Makes the script become the node instead of waiting for a child of its own.
            "RUNNING_UNDER_SYSTEMD": "true",
        }
