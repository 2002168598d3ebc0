"""podman, buildah and skopeo: one library for registries, three ways to hold images.

podman and buildah keep images below `storage`, which several people may share, by the plain
driver `vfs` that works in any container; no container is ever run. Root is needed by both.
"""

import shutil
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from portus_shared.testing.image_clients import (
    PLATFORMS,
    ImageClient,
    Outcome,
    run_command,
    version_of,
)
from portus_shared.testing.images import Layout, build_image, build_index, tar_of
from portus_shared.testing.missing import find_program, need_root


class _Tool(ImageClient):
    """What the three have in common: options, and `login` into a file of one's own."""

    def __init__(self, program: Path, home: Path) -> None:
        super().__init__(home)
        self._program = program
        self._signed_in = home / "auth.json"
        self._signed_in.write_text("{}")

    @property
    def version(self) -> str:
        return version_of(self._program)

    def login(self, host: str, credentials: str) -> Outcome:
        user, _, password = credentials.partition(":")
        who = ["--username", user, "--password-stdin"]
        return self._run("login", "--tls-verify=false", *who, host, told=password)

    @abstractmethod
    def _command(self) -> list[str]:
        """Return the program with the options that every command needs."""

    def _run(self, *arguments: str, told: str | None = None) -> Outcome:
        home = str(self.home)
        own = {"HOME": home, "XDG_RUNTIME_DIR": home, "REGISTRY_AUTH_FILE": str(self._signed_in)}
        return run_command([*self._command(), *arguments], own, told=told)


class _Store(_Tool):
    """podman and buildah, which name their commands alike."""

    def __init__(self, program: Path, storage: Path, home: Path) -> None:
        super().__init__(program, home)
        self._storage = storage

    def tag(self, source: str, target: str) -> None:
        self._run("tag", source, target).required()

    def push(self, reference: str) -> Outcome:
        return self._run("push", "--tls-verify=false", reference)

    def push_index(self, reference: str) -> Outcome:
        target = f"docker://{reference}"
        return self._run("manifest", "push", "--tls-verify=false", "--all", reference, target)

    def pull(self, reference: str) -> Outcome:
        return self._run("pull", "--tls-verify=false", reference)

    def _command(self) -> list[str]:
        kept = ["--root", str(self._storage / "root"), "--runroot", str(self._storage / "run")]
        return [str(self._program), *kept, "--storage-driver=vfs"]


class Podman(_Store):
    """podman without a service, as root."""

    name: ClassVar = "podman"

    def build(self, reference: str, text: str) -> None:
        self._import(reference, text, "amd64")

    def build_index(self, reference: str, text: str) -> None:
        self._run("manifest", "create", reference).required()
        for platform in PLATFORMS:
            part = f"{reference}-{platform.architecture}"
            self._import(part, f"{text} {platform}", platform.architecture)
            add = ["--os", platform.os, "--arch", platform.architecture]
            local = f"containers-storage:{part}"
            self._run("manifest", "add", *add, reference, local).required()

    def has(self, reference: str) -> bool:
        return self._run("image", "exists", reference).succeeded

    def _import(self, reference: str, text: str, architecture: str) -> None:
        files = self.home / "files.tar"
        files.write_bytes(tar_of(text))
        what = ["--os", "linux", "--arch", architecture]
        self._run("import", *what, str(files), reference).required()

    def _command(self) -> list[str]:
        own = ["--tmpdir", str(self._storage / "tmp"), "--cgroup-manager=cgroupfs"]
        return [*super()._command(), *own, "--events-backend=none"]


class Buildah(_Store):
    """buildah as root; it builds from a Containerfile in a plain chroot."""

    name: ClassVar = "buildah"

    def build(self, reference: str, text: str) -> None:
        self._build("--tag", reference, text)

    def build_index(self, reference: str, text: str) -> None:
        platforms = ",".join(f"{each.os}/{each.architecture}" for each in PLATFORMS)
        self._build("--manifest", reference, text, f"--platform={platforms}")

    def pull(self, reference: str) -> Outcome:
        # What buildah has under that name it would not ask for again.
        return self._run("pull", "--tls-verify=false", "--policy=always", reference)

    def has(self, reference: str) -> bool:
        return self._run("inspect", "--type=image", reference).succeeded

    def _build(self, kind: str, reference: str, text: str, *options: str) -> None:
        context = self.home / "context"
        context.mkdir(exist_ok=True)
        (context / "hello").write_text(text)
        (context / "Containerfile").write_text("FROM scratch\nCOPY hello /hello\n")
        how = ["--isolation=chroot", *options]
        self._run("build", *how, kind, reference, str(context)).required()


class SkopeoClient(_Tool):
    """skopeo, which holds no images: what it builds and pulls are directories in its home."""

    name: ClassVar = "skopeo"

    def __init__(self, program: Path, home: Path) -> None:
        super().__init__(program, home)
        self._built: dict[str, Layout] = {}

    def build(self, reference: str, text: str) -> None:
        self._built[reference] = build_image(self._place("built", reference), text=text)

    def build_index(self, reference: str, text: str) -> None:
        place = self._place("built", reference)
        self._built[reference] = build_index(place, PLATFORMS, text=text)

    def tag(self, source: str, target: str) -> None:
        shutil.copytree(self._place("pulled", source), self._place("pulled", target))

    def push(self, reference: str) -> Outcome:
        built = self._built.get(reference)
        source = built.source if built else f"dir:{self._place('pulled', reference)}"
        target = f"docker://{reference}"
        return self._run("copy", "--all", "--dest-tls-verify=false", source, target)

    def push_index(self, reference: str) -> Outcome:
        return self.push(reference)

    def pull(self, reference: str) -> Outcome:
        place = self._place("pulled", reference)
        place.parent.mkdir(exist_ok=True)
        target = f"dir:{place}"
        return self._run("copy", "--all", "--src-tls-verify=false", f"docker://{reference}", target)

    def has(self, reference: str) -> bool:
        return (self._place("pulled", reference) / "manifest.json").exists()

    def delete(self, reference: str) -> Outcome:
        """Delete from the registry the manifest that a tag points at; it asks for `*`."""
        return self._run("delete", "--tls-verify=false", f"docker://{reference}")

    def _command(self) -> list[str]:
        return [str(self._program), "--insecure-policy"]

    def _place(self, kind: str, reference: str) -> Path:
        return self.home / kind / reference.replace("/", "-").replace(":", "-")


def find_podman() -> Path:
    """Return the podman program; raises `NotInstalled` without it or without root."""
    need_root("podman", "podman")
    return find_program(["podman"], component="podman", install="podman")


def find_buildah() -> Path:
    """Return the buildah program; raises `NotInstalled` without it or without root."""
    need_root("buildah", "buildah")
    return find_program(["buildah"], component="buildah", install="buildah")
