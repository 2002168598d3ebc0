"""What is in a wheel, and what its metadata promises."""

import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.architecture.sources import DISTRIBUTIONS, ROOT, imported_modules, sources_of
from tests.packaging.isolation import declared_by

_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.+!]*)$")


def project(distribution: str) -> dict[str, Any]:
    text = (DISTRIBUTIONS[distribution] / "pyproject.toml").read_text()
    settings: dict[str, Any] = tomllib.loads(text)["project"]
    return settings


def pins() -> Iterator[tuple[str, str]]:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if not line.startswith("#"):
            pin = _PIN.match(line)
            assert pin, f"not an exact version: {line}"
            yield canonicalize_name(pin[1]), pin[2]


def declared(distribution: str) -> Iterator[Requirement]:
    metadata = project(distribution)
    extras = metadata.get("optional-dependencies", {}).values()
    for group in (metadata.get("dependencies", []), *extras):
        yield from map(Requirement, group)


@pytest.mark.slow
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_wheel_holds_every_file_of_its_package(
    distribution: str, wheels: dict[str, Path]
) -> None:
    source = DISTRIBUTIONS[distribution] / "src"
    written = {
        file.relative_to(source).as_posix()
        for file in (source / f"portus_{distribution}").rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    with zipfile.ZipFile(wheels[distribution]) as wheel:
        assert written - set(wheel.namelist()) == set()


def test_constraints_pin_everything_that_is_declared_and_nothing_twice() -> None:
    names = [name for name, _ in pins()]
    assert len(names) == len(set(names))
    missing = {
        f"{distribution}: {requirement.name}"
        for distribution in DISTRIBUTIONS
        for requirement in declared(distribution)
        if not requirement.name.startswith("portus-")
        and canonicalize_name(requirement.name) not in names
    }
    assert missing == set()


def test_constraints_pin_nothing_that_nobody_needs() -> None:
    needed = {canonicalize_name(each.name) for each in declared_by(["portus-standalone[test]"])}
    assert {name for name, _ in pins()} - needed == {"setuptools"}


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_whoever_imports_a_package_declares_it(distribution: str) -> None:
    providers = packages_distributions()
    named = {canonicalize_name(each.name) for each in declared(distribution)}
    undeclared = {
        f"{source.at(node)} imports {module}"
        for source in sources_of(distribution)
        for module, node in imported_modules(source)
        if (top := module.partition(".")[0]) not in sys.stdlib_module_names
        and not top.startswith("portus_")
        and not named & {canonicalize_name(name) for name in providers.get(top, [])}
    }
    assert undeclared == set()


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_versions_are_pinned_in_one_place_only(distribution: str) -> None:
    assert [str(each) for each in declared(distribution) if each.specifier] == []


def test_all_distributions_have_one_version_and_licence() -> None:
    facts = {(project(name)["version"], project(name)["license"]) for name in DISTRIBUTIONS}
    assert len(facts) == 1
    assert {project(name)["requires-python"] for name in DISTRIBUTIONS} == {">=3.11"}


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_distribution_ships_its_types(distribution: str) -> None:
    assert (DISTRIBUTIONS[distribution] / f"src/portus_{distribution}/py.typed").exists()
