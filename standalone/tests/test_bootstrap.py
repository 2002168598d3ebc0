"""The `portus` script and `bootstrap.py`, on copies of the tree."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
MADE_BY_TOOLS = (".venv", ".git", "var", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree, in a path with a space."""
    copy = tmp_path / "a tree"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*MADE_BY_TOOLS))
    return copy


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """A copy of what runs before anything is installed."""
    (tmp_path / "standalone").mkdir()
    shutil.copy(ROOT / "portus", tmp_path)
    shutil.copy(ROOT / "standalone" / "bootstrap.py", tmp_path / "standalone")
    shutil.copy(ROOT / "constraints.txt", tmp_path)
    return tmp_path


def run(*command: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **environ},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_needs_no_installation(small_tree: Path, arguments: tuple[str, ...]) -> None:
    done = run(small_tree / "portus", *arguments)
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: ./portus COMMAND")
    assert not (small_tree / ".venv").exists()


def test_the_script_is_found_through_a_link(small_tree: Path) -> None:
    (small_tree / "bin").mkdir()
    link = small_tree / "bin" / "portus"
    link.symlink_to("../portus")
    assert run(link, "--help").returncode == 0


def test_an_old_python_is_told_what_to_install(small_tree: Path) -> None:
    programs = small_tree / "path"
    programs.mkdir()
    for name in ("sh", "dirname", "cat"):
        (programs / name).symlink_to(str(shutil.which(name)))
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")
    (programs / "python3").chmod(0o755)
    done = run(small_tree / "portus", "up", PATH=str(programs))
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "sudo apt-get install python3 python3-venv" in done.stderr


def test_a_python_without_ensurepip_is_told_what_to_install(small_tree: Path) -> None:
    bootstrap = small_tree / "standalone" / "bootstrap.py"
    without = (
        "import runpy, sys; sys.modules['ensurepip'] = None; sys.argv = ['portus', 'up'];"
        f"runpy.run_path({str(bootstrap)!r}, run_name='__main__')"
    )
    done = run(sys.executable, "-c", without)
    assert done.returncode == 1
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"sudo apt-get install python{version}-venv" in done.stderr
    assert not (small_tree / ".venv").exists()


def test_an_environment_from_elsewhere_is_used_and_left_alone(small_tree: Path) -> None:
    (small_tree / ".venv").symlink_to(sys.prefix)
    before = (Path(sys.prefix) / "bin").stat().st_mtime_ns
    done = run(small_tree / "portus", "registry-config", "--data", small_tree / "data")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert (Path(sys.prefix) / "bin").stat().st_mtime_ns == before


@pytest.mark.slow
def test_an_installation_that_fails_shows_why(small_tree: Path) -> None:
    (small_tree / "shared").mkdir()
    (small_tree / "shared" / "pyproject.toml").write_text("this is not TOML")
    done = run(small_tree / "portus", "up")
    assert done.returncode == 1
    assert "the installation failed" in done.stderr
    assert "TOML" in done.stderr
    again = run(small_tree / "portus", "up")
    assert again.returncode == 1  # a failure leaves no stamp


@pytest.mark.slow
def test_two_first_commands_at_once_install_once_and_both_run(tree: Path, tmp_path: Path) -> None:
    command = [str(tree / "portus"), "registry-config", "--data", str(tmp_path / "data")]
    both = [Process(command, log=tmp_path / f"log{number}", cwd=tmp_path) for number in (1, 2)]
    for process in both:
        wait_until(lambda process=process: not process.is_running, 300)  # type: ignore[misc]
        assert process.exit_code == 0, process.output()
    said = "".join(process.output() for process in both)
    assert said.count("Installing Portus") == 1
    third = run(*command)
    assert third.returncode == 0
    assert third.stderr == ""


@pytest.mark.slow
def test_a_signal_while_installing_ends_pip_too(tree: Path, tmp_path: Path) -> None:
    process = Process([tree / "portus", "up"], log=tmp_path / "log", cwd=tmp_path)
    wait_until((tree / ".venv" / "install.log").exists, 60)
    assert process.stop(5) == 128 + signal.SIGTERM
    wait_until(lambda: not running_below(tree), 5)


def running_below(directory: Path) -> list[str]:
    """Return the command lines that mention `directory`."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has just ended
            found.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in found if str(directory) in line]
