"""Get the registry from Debian's or Ubuntu's archive without installing it.

apt checks the package against the archive's signatures. Where its lists are missing or old and
we may not refresh them, it is given lists of our own for this one download.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from portus_standalone.not_obtained import NotObtained

PACKAGE: Final = "docker-registry"
_UPDATE_TIMEOUT_S: Final = 120
_DOWNLOAD_TIMEOUT_S: Final = 180


def unpack_debian_package(scratch: Path) -> Path:
    """Download and unpack the package into `scratch`; return the program in it."""
    _program("dpkg-deb")  # before anything is downloaded
    if os.geteuid() == 0:
        _apt(scratch, [], "update", timeout_s=_UPDATE_TIMEOUT_S)
    if not _download(scratch, []):
        own = _own_lists(scratch)
        _apt(scratch, own, "update", timeout_s=_UPDATE_TIMEOUT_S)
        if not _download(scratch, own):
            raise NotObtained(f"apt-get has no package {PACKAGE}")
    package = next(iter(scratch.glob("*.deb")))
    unpacked = scratch / "unpacked"
    subprocess.run(
        [_program("dpkg-deb"), "-x", str(package), str(unpacked)],
        check=True,
        capture_output=True,
        timeout=_DOWNLOAD_TIMEOUT_S,
    )
    return unpacked / "usr" / "bin" / PACKAGE


def _download(scratch: Path, settings: list[str]) -> bool:
    _apt(scratch, settings, "download", PACKAGE, timeout_s=_DOWNLOAD_TIMEOUT_S)
    return any(scratch.glob("*.deb"))


def _own_lists(scratch: Path) -> list[str]:
    """Return the apt settings that keep its state below `scratch`."""
    state = scratch / "apt"
    for folder in ("lists/partial", "archives/partial"):
        (state / folder).mkdir(parents=True)
    return [
        f"-oDir::State::lists={state}/lists",
        f"-oDir::Cache={state}",
        "-oAPT::Sandbox::User=",
    ]


def _apt(scratch: Path, settings: list[str], *command: str, timeout_s: int) -> None:
    """Run apt-get; what counts is whether a package is there afterwards, not its exit status."""
    subprocess.run(
        [_program("apt-get"), "-qq", *settings, *command],
        cwd=scratch,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        timeout=timeout_s,
    )


def _program(name: str) -> str:
    """Return where a program is; raise `NotObtained` where Debian's tools are missing."""
    found = shutil.which(name)
    if found is None:
        raise NotObtained("this is not Debian or Ubuntu")
    return found
