# ruff: noqa: INP001 (a script, not part of the package)
"""Make `.venv` beside the `portus` script, install what is in the tree, and run a command in it.

Runs on the system's Python with nothing but the standard library. It ends by replacing itself
with the command, so that a signal to `./portus` reaches the command. Two of these at the same
time wait for each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import signal
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
VENV: Final = ROOT / ".venv"
CONSTRAINTS: Final = ROOT / "constraints.txt"
PROJECTS: Final = ("shared", "services/*", "standalone")
LOG_TAIL_LINES: Final = 30

USAGE: Final = """\
Usage: ./portus COMMAND [OPTIONS]

Commands:
  up               Run Portus and a private registry on this machine until Ctrl-C.
  registry-config  Print what an existing registry needs to use this Portus.
  test             Run all checks and tests; options go to pytest.

./portus COMMAND --help says more. The first command makes .venv beside this script.
"""


def main(arguments: Sequence[str]) -> None:
    """Install if needed, then become the command."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return
    testing = arguments[0] == "test"
    signal.signal(signal.SIGTERM, _exit_on_signal)
    with _alone():
        _install(extra="[test]" if testing else "")
    python = str(VENV / "bin" / "python")
    command = [str(ROOT / "tests" / "run.py"), *arguments[1:]]
    run = command if testing else ["-m", "portus_standalone", *arguments]
    os.execv(python, [python, *run])  # noqa: S606 (no shell is wanted)


def _install(extra: str) -> None:
    """Bring `.venv` up to date with the tree; a stamp file tells when there is nothing to do.

    A link is an environment that somebody made elsewhere: it is used as it is.
    """
    if VENV.is_symlink():
        return
    # With what the tests need, everything else is there too.
    stamps = [VENV / "portus.stamp"] + ([VENV / "portus-test.stamp"] if extra else [])
    wanted = _fingerprint()
    if stamps[-1].exists() and stamps[-1].read_text() == wanted:
        return
    _make_venv()
    started = time.monotonic()
    _say(f"Installing Portus into {VENV}; this takes about half a minute …")
    pins = ["-c", str(CONSTRAINTS)]
    _pip("install", *pins, "setuptools")
    editable: list[str] = []
    for project in _projects():
        editable += ["-e", f"{project}{extra if project.name == 'standalone' else ''}"]
    # Without isolation pip does not fetch setuptools anew for each of them.
    _pip("install", *pins, "--no-build-isolation", *editable)
    for stamp in stamps:
        stamp.write_text(wanted)
    _say(f"Installed in {time.monotonic() - started:.0f} s.")


def _projects() -> list[Path]:
    return [
        folder
        for pattern in PROJECTS
        for folder in sorted(ROOT.glob(pattern))
        if (folder / "pyproject.toml").exists()
    ]


def _fingerprint() -> str:
    """Return what the installation depends on, in one string."""
    digest = hashlib.sha256(f"{sys.version} {ROOT}".encode())
    for file in (CONSTRAINTS, *(folder / "pyproject.toml" for folder in _projects())):
        digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _make_venv() -> None:
    """Make the environment unless a working one is there."""
    if _works():
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        _give_up(
            f"this Python ({sys.executable}) cannot make virtual environments.\n"
            f"Install what is missing and run this again:\n\n"
            f"    sudo apt-get install python{version}-venv"
        )
    _say(f"Making {VENV} …")
    venv.create(VENV, with_pip=True, clear=VENV.exists())


def _works() -> bool:
    """Tell whether the environment has pip, belongs here, and has this Python's version."""
    python = VENV / "bin" / "python"
    code = "import pip, sysconfig as s; print(s.get_python_version(), s.get_path('data'))"
    try:
        said = subprocess.run(
            [str(python), "-c", code], check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    return said.strip() == f"{sysconfig.get_python_version()} {VENV}"


def _pip(*arguments: str) -> None:
    """Run pip; its output is kept in a file and shown only when it fails."""
    log = VENV / "install.log"
    command = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    with log.open("w") as output:
        done = subprocess.run(
            [*command, *arguments], stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])
        _give_up(f"the installation failed. The end of {log}:\n\n{tail}")


@contextmanager
def _alone() -> Iterator[None]:
    """Let one installer run at a time; the kernel drops the lock with the process."""
    with Path(__file__).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Waiting for another ./portus to finish installing …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _exit_on_signal(number: int, frame: FrameType | None) -> None:
    """End through an exception, so that a running pip is ended too."""
    del frame
    sys.exit(128 + number)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _give_up(sentence: str) -> None:
    sys.exit(f"portus: {sentence}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
