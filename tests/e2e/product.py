"""The product as a person runs it: `./portus up` as a process, and requests over its ports."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import free_port, is_listening, wait_until

ROOT: Final = Path(__file__).resolve().parents[2]
PASSWORD: Final = "correct horse battery staple"
READY_WITHIN_S: Final = 120
VISIBLE_WITHIN_S: Final = 2
TOGETHER: Final = "together"
DISTRIBUTED: Final = "distributed"
FORMS: Final = (TOGETHER, DISTRIBUTED)
in_both_forms: Final = pytest.mark.parametrize("own_product", FORMS, indirect=True)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account; `credentials` is what skopeo and docker take."""

    name: str
    token: str

    @property
    def credentials(self) -> str:
        return f"{self.name}:{PASSWORD}"


@dataclass
class Product:
    """One data directory with its two ports, started and stopped as often as one likes."""

    directory: Path
    registry_binary: Path | None = None
    options: tuple[str, ...] = ()
    form: str = TOGETHER
    port: int = field(default_factory=free_port)
    registry_port: int = field(default_factory=free_port)
    admin: Person | None = None
    started: list[Process] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        """What image references start with."""
        return f"127.0.0.1:{self.registry_port}"

    def start(self) -> Process:
        """Run `./portus up` and wait for its last screen."""
        process = self.launch()
        self.await_ready(process)
        return process

    def launch(self) -> Process:
        command = [str(ROOT / "portus"), "up", "--data", str(self.data)]
        command += ["--listen", f"127.0.0.1:{self.port}", "--registry-listen", self.host]
        if self.registry_binary:
            command += ["--registry-binary", str(self.registry_binary)]
        if self.form == DISTRIBUTED:
            command.append("--distributed")
        log = self.directory / f"console-{time.monotonic_ns()}"
        process = Process([*command, *self.options], log=log, death_signal="TERM")
        self.started.append(process)
        return process

    def await_ready(self, process: Process) -> None:
        def is_ready() -> bool:
            if not process.is_running:
                raise AssertionError(f"./portus up ended:\n{process.output()}")
            return "Ctrl-C stops everything" in process.output()

        try:
            wait_until(is_ready, READY_WITHIN_S, what="./portus up is ready")
        except AssertionError as error:
            process.kill()
            raise AssertionError(f"{error}\n{process.output()}\n{self.logs()}") from error

    def setup_code(self) -> str:
        return (self.data / "setup-code").read_text().strip()

    def set_up(self) -> Person:
        """Make the first admin by the REST API."""
        user = {"username": "root", "email": "root@example.com", "password": PASSWORD}
        given = {"user": user, "setup_code": self.setup_code()}
        answer = requests.post(f"{self.url}/api/v1/users/bootstrap", json=given, timeout=10)
        assert answer.status_code == 201, answer.text
        self.admin = Person("root", answer.json()["plain_token"])
        return self.admin

    def api(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        who: Person | None = None,
    ) -> requests.Response:
        """Ask the REST API as somebody, the admin unless said otherwise."""
        caller = who or self.admin
        headers = {"Portus-Auth": f"{caller.name}:{caller.token}"} if caller else {}
        return requests.request(
            method, f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=10
        )

    def make(self, path: str, body: Mapping[str, Any]) -> Any:
        """Create something as the admin and return it."""
        answer = self.api("POST", path, body)
        assert answer.status_code == 201, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def get(self, path: str, who: Person | None = None) -> Any:
        answer = self.api("GET", path, who=who)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def add_person(self, name: str) -> Person:
        account = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        user = self.make("/users", {"user": account})
        token = self.make(f"/users/{user['id']}/application_tokens", {"application": "e2e"})
        return Person(name, token["plain_token"])

    def repository(self, name: str) -> dict[str, Any] | None:
        found = self.get(f"/repositories?full_name={name}")
        return found[0] if found else None

    def images(self, name: str) -> list[dict[str, Any]]:
        """Return the images of a repository, an empty list while it is unknown."""
        repository = self.repository(name)
        if repository is None:
            return []
        items: list[dict[str, Any]] = self.get(f"/repositories/{repository['id']}/images")["items"]
        return items

    def soon(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait as long as a push may take to become visible."""
        try:
            return wait_until(condition, VISIBLE_WITHIN_S, what=what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from error

    def processes(self) -> list[int]:
        """Return the processes that work on this data directory, the script's aside."""
        wanted = os.fsencode(self.data)
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                text = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
                if wanted in text and int(folder.name) != os.getpid():
                    found.append(int(folder.name))
        return found

    def parts(self) -> dict[str, int]:
        """Return the ports of the distributed form's parts by their names."""
        file = self.data / "ports.json"
        known: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        return known

    def is_gone(self) -> bool:
        ports = [self.port, self.registry_port, *self.parts().values()]
        return not self.processes() and not any(is_listening(port) for port in ports)

    def kill_everything(self) -> None:
        """End every process at the same moment, as a power cut would."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self.started:
            process.kill()
        self.started.clear()
        wait_until(self.is_gone, 5, what="all processes are gone")

    def logs(self) -> str:
        """Return the ends of the logs, for a failure's message."""
        files = sorted((self.data / "log").glob("*.log"))
        return "\n".join(f"== {file.name}\n{file.read_text()[-3000:]}" for file in files)
