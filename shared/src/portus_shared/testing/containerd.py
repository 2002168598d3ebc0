"""containerd with a directory of its own, and its client `ctr`.

`ctr` has no login: it takes the user with each command. containerd asks the realm by POST, and
with GET only when POST is refused.
"""

import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import ClassVar, Final, Self

from portus_shared.testing.image_clients import (
    PLATFORMS,
    ImageClient,
    Outcome,
    run_command,
    version_of,
)
from portus_shared.testing.images import Layout, build_image, build_index
from portus_shared.testing.missing import find_program, need_root
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import wait_until

_INSTALL: Final = "containerd"


class Containerd:
    """A private containerd; raises `NotInstalled` without the programs or without root."""

    def __init__(self) -> None:
        program = find_program(["containerd"], component="containerd", install=_INSTALL)
        self.ctr: Final = find_program(["ctr"], component="ctr", install=_INSTALL)
        need_root("containerd", _INSTALL)
        # Not below pytest's directories: the name of a socket may be 107 bytes long.
        self._directory = Path(tempfile.mkdtemp(prefix="portus-containerd-"))
        self.version: Final = version_of(program)
        self.socket: Final = self._directory / "socket"
        self._process = Process(self._command(program), log=self._directory / "log")
        wait_until(self._answers, 20, what="containerd answers")

    def stop(self) -> None:
        """End containerd and remove its directory."""
        self._process.stop()
        shutil.rmtree(self._directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _command(self, program: Path) -> list[str]:
        """Return the command; the machine's own configuration file is not read."""
        own = {"root": "root", "state": "state", "address": "socket"}
        options = [part for name, at in own.items() for part in (f"--{name}", self._at(at))]
        return [str(program), "--config", "/dev/null", *options]

    def _at(self, name: str) -> str:
        return str(self._directory / name)

    def _answers(self) -> bool:
        if not self._process.is_running:
            raise RuntimeError(f"containerd ended at once:\n{self._process.output()}")
        return run_command([self.ctr, "--address", self.socket, "version"], {}).succeeded


class Ctr(ImageClient):
    """`ctr images`, in a namespace that all its people share."""

    name: ClassVar = "ctr"

    def __init__(self, engine: Containerd, home: Path) -> None:
        super().__init__(home)
        self._engine = engine
        self._users: dict[str, str] = {}

    @property
    def version(self) -> str:
        return self._engine.version

    def login(self, host: str, credentials: str) -> Outcome:
        """Remember whom to name with each command; the registry is not asked."""
        self._users[host] = credentials
        return Outcome(exit_code=0, said="")

    def build(self, reference: str, text: str) -> None:
        self._take_in(build_image(self._new_place(), text=text), reference)

    def build_index(self, reference: str, text: str) -> None:
        self._take_in(build_index(self._new_place(), PLATFORMS, text=text), reference)

    def tag(self, source: str, target: str) -> None:
        self._images("tag", source, target).required()

    def push(self, reference: str) -> Outcome:
        return self._images("push", "--plain-http", *self._user(reference), reference)

    def push_index(self, reference: str) -> Outcome:
        return self.push(reference)

    def pull(self, reference: str) -> Outcome:
        how = ["--plain-http", "--snapshotter=native"]
        return self._images("pull", *how, *self._user(reference), reference)

    def has(self, reference: str) -> bool:
        return reference in self._images("ls", "--quiet").required().split()

    def _user(self, reference: str) -> list[str]:
        credentials = self._users.get(reference.partition("/")[0])
        return ["--user", credentials] if credentials else []

    def _take_in(self, layout: Layout, reference: str) -> None:
        """Import a layout, whose tag is `image`, under the name of a reference."""
        packed = layout.directory.with_suffix(".tar")
        with tarfile.open(packed, "w") as archive:
            archive.add(layout.directory, arcname=".")
        base, _, _ = reference.rpartition(":")
        how = ["--no-unpack", "--all-platforms", "--base-name", base]
        self._images("import", *how, str(packed)).required()
        self._images("tag", "--force", f"{base}:image", reference).required()

    def _new_place(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.home))

    def _images(self, *arguments: str) -> Outcome:
        at = ["--address", str(self._engine.socket), "--namespace", "portus"]
        return run_command([self._engine.ctr, *at, "images", *arguments], {})
