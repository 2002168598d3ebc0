"""What the import contracts of pyproject.toml cannot say."""

import ast
import sys
from collections.abc import Iterator
from typing import Final

import pytest
from tests.architecture.sources import SERVICES, Source, dotted, imported_modules, sources_of

_PURE: Final = ("portus_shared.errors", "portus_shared.names", "portus_shared.scopes")
_NEVER_COMMIT: Final = ("usecases", "storage", "domain", "routes", "consumers.py")


def inside(service: str, *layers: str) -> Iterator[Source]:
    for source in sources_of(service):
        if set(layers) & set(source.path.parts):
            yield source


@pytest.mark.parametrize("service", SERVICES)
def test_domain_is_pure(service: str) -> None:
    own = f"portus_{service}.domain"
    impure = [
        f"{source.at(node)} imports {module}"
        for source in inside(service, "domain")
        for module, node in imported_modules(source)
        if module.partition(".")[0] not in sys.stdlib_module_names
        and not module.startswith((own, *_PURE))
    ]
    assert impure == []


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_edge_s_transaction_commits(service: str) -> None:
    commits = [
        source.at(node)
        for source in inside(service, *_NEVER_COMMIT)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "rollback"}
    ]
    assert commits == []


@pytest.mark.parametrize("service", SERVICES)
def test_dependencies_come_in_through_the_composition_root(service: str) -> None:
    found = [
        f"{source.at(node)} reads {module}"
        for source in sources_of(service)
        for module, node in imported_modules(source)
        if module in {"flask.current_app", "os.environ", "os.getenv"}
        and source.path.name != "cli.py"
    ]
    assert found == []


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_reads_the_environment_in_passing(service: str) -> None:
    found = [
        source.at(node)
        for source in sources_of(service)
        if source.path.name not in {"cli.py", "gunicorn_config.py"}
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and dotted(node) in {"os.environ", "os.getenv"}
    ]
    assert found == []
