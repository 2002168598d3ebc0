"""What to say when a program that tests need is not on this machine."""

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, TypeVar

import pytest

NOT_RUN: Final = "not run: install "
"""How the reason of a test that a missing component kept from running begins."""

T = TypeVar("T")


class NotInstalled(RuntimeError):
    """A real component is absent; `component` names it, `install` says what to install."""

    def __init__(self, component: str, install: str) -> None:
        super().__init__(f"{component} is not installed: install {install}")
        self.component = component
        self.install = install


def find_program(names: Iterable[str], *, component: str, install: str) -> Path:
    """Return the first of `names` (commands or absolute paths) that can be run.

    Raises `NotInstalled` when there is none.
    """
    search = os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"
    for name in names:
        if found := shutil.which(name, path=search):
            return Path(found)
    raise NotInstalled(component, install)


def need_root(component: str, install: str) -> None:
    """Raise `NotInstalled`, which then says so, unless this process is root."""
    if os.geteuid() != 0:
        raise NotInstalled(component, f"{install} and run the tests as root")


def present(find: Callable[[], T]) -> T:
    """Return what `find` finds; what is absent fails the test in CI, elsewhere it is not run."""
    try:
        return find()
    except NotInstalled as absent:
        if os.environ.get("CI") == "true":
            pytest.fail(str(absent), pytrace=False)
        pytest.skip(f"{NOT_RUN}{absent.install}")
