"""Environments that hold one distribution, what it declares, and nothing else.

Our own distributions are built into wheels and installed as a user would. Third-party packages
are not fetched again: those that the distribution declares, directly or through others, are linked
from the running environment. So an undeclared import fails here, without a network.
"""

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.architecture.sources import DISTRIBUTIONS, ROOT

_NOT_SOURCE = shutil.ignore_patterns("build", "dist", "*.egg-info", "__pycache__", "tests")


@dataclass(frozen=True, slots=True)
class Environment:
    """One virtual environment."""

    home: Path

    def run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one of its programs with nothing of ours in the way."""
        return subprocess.run(
            [str(self.home / "bin" / program), *arguments],
            cwd=self.home,
            env={"PATH": str(self.home / "bin"), "HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def can_import(self, module: str) -> bool:
        """Tell whether its Python finds `module`."""
        code = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
        return self.run("python", "-c", code).returncode == 0


def build_wheels(target: Path) -> dict[str, Path]:
    """Build the wheel of every distribution of the tree, without touching the tree."""
    copies = [
        shutil.copytree(home, target / "source" / name, ignore=_NOT_SOURCE)
        for name, home in DISTRIBUTIONS.items()
    ]
    wheels = target / "wheels"
    build = ["wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    _pip(*build, "--wheel-dir", str(wheels), *map(str, copies))
    return {name: next(wheels.glob(f"portus_{name}-*.whl")) for name in DISTRIBUTIONS}


def isolated(home: Path, wheels: Iterable[Path], names: Iterable[str]) -> Environment:
    """Install `wheels` into a fresh environment with what the distributions `names` declare."""
    venv.create(home, with_pip=False, symlinks=True)
    site = next((home / "lib").glob("python*/site-packages"))
    for declared in declared_by(names):
        _link(declared, site)
    install = ["install", "--quiet", "--no-deps", "--no-index"]
    _pip("--python", str(home / "bin" / "python"), *install, *map(str, wheels))
    return Environment(home)


def declared_by(names: Iterable[str]) -> Iterator[Distribution]:
    """Yield the third-party distributions that `names` need, directly or through others."""
    waiting = [Requirement(name) for name in names]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        found = distribution(wanted.name)
        waiting += _requirements(found, wanted.extras)
        if not wanted.name.startswith("portus-"):
            yield found


def _requirements(of: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for each in map(Requirement, of.requires or ()):
        marker = each.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield each


def _link(package: Distribution, site: Path) -> None:
    tops = {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}
    for top in tops:
        if not (site / top).exists():
            (site / top).symlink_to(Path(str(package.locate_file(top))))


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
