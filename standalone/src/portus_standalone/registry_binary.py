"""Find the registry program, or get one.

In this order: the file a person named, PATH, what an earlier run fetched, the Debian package
(unpacked, not installed), the project's release archive. Nothing is installed on the machine.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from portus_standalone.debian_package import unpack_debian_package
from portus_standalone.not_obtained import NotObtained
from portus_standalone.refusal import Refusal
from portus_standalone.release_archive import ARCHIVE_BASE, unpack_release

_NAMES: Final = ("registry", "docker-registry")
_ANSWER_TIMEOUT_S: Final = 10


def find_registry(named: Path | None, programs: Path, say: Callable[[str], None]) -> Path | None:
    """Return the program, None when there is none and none can be had; `say` tells progress.

    Raises `Refusal` when `named` is not a registry: what a person asked for is not replaced.
    """
    if named is not None:
        if not is_registry(named):
            raise Refusal(f"{named} is not a Docker registry (Distribution) program.")
        return named.absolute()
    for name in _NAMES:
        if (found := shutil.which(name)) and is_registry(Path(found)):
            return Path(found)
    kept = programs / "registry"
    if is_registry(kept):
        return kept
    return obtain(kept, say)


def obtain(
    target: Path, say: Callable[[str], None], *, archive_base: str = ARCHIVE_BASE
) -> Path | None:
    """Fetch a registry to `target`, which appears whole or not at all; None when that fails."""
    target.parent.mkdir(parents=True, exist_ok=True)
    ways: dict[str, Callable[[Path], Path]] = {
        "the Debian package docker-registry": unpack_debian_package,
        "the release archive": lambda scratch: unpack_release(scratch, archive_base),
    }
    for title, unpack in ways.items():
        say(f"No registry is installed; getting {title} (nothing is installed on this machine)")
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".registry-") as scratch:
            try:
                program = unpack(Path(scratch))
            except (NotObtained, OSError, subprocess.SubprocessError) as error:
                say(f"  that did not work: {error}")
                continue
            program.chmod(0o755)
            if is_registry(program):
                return program.replace(target)
            say("  that did not work: the program does not run on this machine")
    return None


def is_registry(program: Path) -> bool:
    """Tell whether `program` runs here and says that it is Distribution."""
    try:
        said = subprocess.run(
            [str(program), "--version"],
            check=True,
            capture_output=True,
            text=True,
            timeout=_ANSWER_TIMEOUT_S,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    return "/distribution" in said
