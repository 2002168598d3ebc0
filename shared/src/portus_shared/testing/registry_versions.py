"""The programs of both generations of the registry, for what must work beside each.

Distribution 2.8 is Debian's docker-registry. Debian has no 3.x yet: it is what
`REGISTRY3_BINARY` names, a `registry` on PATH, or what Go can build.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from portus_shared.testing.image_clients import run_command, version_of
from portus_shared.testing.missing import NotInstalled, find_program
from portus_shared.testing.registry import cache_directory, unpacked_package

_SOURCE: Final = "github.com/distribution/distribution/v3/cmd/registry@v3.1.1"
_INSTALL_3: Final = f"a registry 3.x (REGISTRY3_BINARY, PATH or `go install {_SOURCE}`)"
_BUILD_S: Final = 600


def find_registry2() -> Path:
    """Return a registry 2.x: on PATH, else Debian's package unpacked; raises `NotInstalled`."""
    return _on_path("2.") or unpacked_package()


def find_registry3() -> Path:
    """Return a registry 3.x; raises `NotInstalled`, and `ValueError` when what is named is not."""
    if named := os.environ.get("REGISTRY3_BINARY"):
        if not _is(Path(named), "3."):
            raise ValueError(f"REGISTRY3_BINARY={named} is not a registry 3.x")
        return Path(named)
    return _on_path("3.") or _built()


def _on_path(version: str) -> Path | None:
    for name in ("docker-registry", "registry"):
        found = shutil.which(name)
        if found and _is(Path(found), version):
            return Path(found)
    return None


def _is(program: Path, version: str) -> bool:
    if not run_command([program, "--version"], {}).succeeded:
        return False
    return version_of(program).startswith(version)


def _built() -> Path:
    program = cache_directory() / f"registry-{_SOURCE.rpartition('@')[2]}"
    if not program.exists():
        go = find_program(["go"], component="registry 3.x", install=_INSTALL_3)
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as scratch:
            # Renamed, so that a parallel test process sees all of it or nothing.
            _go_install(go, Path(scratch)).replace(program)
    return program


def _go_install(go: Path, target: Path) -> Path:
    try:
        subprocess.run(
            [go, "install", _SOURCE],
            env={**os.environ, "GOBIN": str(target), "CGO_ENABLED": "0"},
            cwd=target,
            check=True,
            capture_output=True,
            timeout=_BUILD_S,
        )
    except subprocess.SubprocessError as error:
        raise NotInstalled("registry 3.x", _INSTALL_3) from error
    return target / "registry"
