"""Get the registry from the Distribution project's release archive.

An archive comes with a file ``<archive>.sha256`` (``<hex>  <name>``); an archive that does not
match it is never unpacked.
"""

from __future__ import annotations

import hashlib
import hmac
import platform
import sys
import tarfile
import time
from pathlib import Path
from typing import Final

import requests

from portus_standalone.not_obtained import NotObtained

RELEASE: Final = "3.1.1"
ARCHIVE_BASE: Final = f"https://github.com/distribution/distribution/releases/download/v{RELEASE}"
_ARCHITECTURES: Final = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "armv7l": "armv7",
    "armv6l": "armv6",
    "ppc64le": "ppc64le",
    "s390x": "s390x",
}
_PROGRAM: Final = "registry"
_TIMEOUT_S: Final = (5, 20)
_WHOLE_DOWNLOAD_S: Final = 300
_LARGEST_BYTES: Final = 200 * 1024 * 1024
_PIECE_BYTES: Final = 256 * 1024


def unpack_release(scratch: Path, base: str = ARCHIVE_BASE) -> Path:
    """Download, check and unpack the archive for this machine; return the program in it."""
    name = archive_name()
    try:
        expected = _fetch_checksum(f"{base}/{name}.sha256")
        archive = _fetch(f"{base}/{name}", scratch / name)
    except requests.RequestException as error:
        raise NotObtained(f"{base} cannot be reached ({type(error).__name__})") from error
    if not hmac.compare_digest(_sha256(archive), expected):
        raise NotObtained(f"{name} does not match its published checksum")
    return _unpack(archive, scratch)


def archive_name() -> str:
    """Return the archive's file name for this machine; raise `NotObtained` where none exists."""
    architecture = _ARCHITECTURES.get(platform.machine().lower())
    if sys.platform != "linux" or architecture is None:
        raise NotObtained(f"there is no release for {sys.platform} on {platform.machine()}")
    return f"registry_{RELEASE}_linux_{architecture}.tar.gz"


def _fetch_checksum(url: str) -> str:
    answer = requests.get(url, timeout=_TIMEOUT_S)
    answer.raise_for_status()
    words = answer.text.split()
    if not words:
        raise NotObtained("its checksum file is empty")
    return words[0].lower()


def _fetch(url: str, target: Path) -> Path:
    """Download within a limit of time and size."""
    deadline = time.monotonic() + _WHOLE_DOWNLOAD_S
    size_bytes = 0
    with requests.get(url, timeout=_TIMEOUT_S, stream=True) as answer, target.open("wb") as file:
        answer.raise_for_status()
        for piece in answer.iter_content(_PIECE_BYTES):
            size_bytes += len(piece)
            if time.monotonic() > deadline or size_bytes > _LARGEST_BYTES:
                raise NotObtained("the download is too slow or too large")
            file.write(piece)
    return target


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _unpack(archive: Path, scratch: Path) -> Path:
    """Take the one program out of the archive, wherever its other entries would go."""
    program = scratch / _PROGRAM
    try:
        with tarfile.open(archive) as entries:
            content = entries.extractfile(_PROGRAM)
            if content is None:
                raise NotObtained("the archive holds no registry program")
            with content, program.open("wb") as file:
                while piece := content.read(_PIECE_BYTES):
                    file.write(piece)
    except (tarfile.TarError, KeyError) as error:
        raise NotObtained(f"the archive cannot be unpacked: {error}") from error
    return program
