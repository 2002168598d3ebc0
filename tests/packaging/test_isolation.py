"""Each service is installed by itself and sees no other service."""

from pathlib import Path

import pytest
from tests.architecture.sources import SERVICES
from tests.packaging.isolation import Environment, isolated

pytestmark = pytest.mark.slow

_IMPORT_ALL = """
import importlib, pkgutil, sys
TESTS, SCRIPTS = "portus_shared.testing", (".migrations.env", ".__main__")
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.startswith(TESTS) and not module.name.endswith(SCRIPTS):
        importlib.import_module(module.name)
"""


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def alone(
    service: str, wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """An environment with one service and shared."""
    home = tmp_path_factory.mktemp(service) / "venv"
    return isolated(home, [wheels["shared"], wheels[service]], [f"portus-{service}"])


def test_a_service_sees_no_other_service(service: str, alone: Environment) -> None:
    others = [f"portus_{name}" for name in (*SERVICES, "standalone") if name != service]
    assert [name for name in others if alone.can_import(name)] == []
    assert alone.can_import(f"portus_{service}")


@pytest.mark.parametrize("package", ["service", "portus_shared"])
def test_every_module_finds_what_it_imports(service: str, alone: Environment, package: str) -> None:
    name = f"portus_{service}" if package == "service" else package
    done = alone.run("python", "-W", "error", "-c", _IMPORT_ALL, name)
    assert done.returncode == 0, done.stderr


def test_a_service_s_command_explains_itself(service: str, alone: Environment) -> None:
    done = alone.run(f"portus-{service}", "--help")
    assert done.returncode == 0, done.stderr
    assert "migrate" in done.stdout
