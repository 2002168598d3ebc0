"""The four images: the same but for the name, and of the version that the code has."""

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest
import yaml
from tests.deploy.kubectl import OVERLAYS, ROOT, of_kind, overlay
from tests.deploy.policy import WORKLOADS, pod_of

SERVICES: Final = ("auth", "sync", "catalog", "ui")


def dockerfile(service: str) -> str:
    return (ROOT / "services" / service / "Dockerfile").read_text()


def version(folder: Path) -> str:
    found: str = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["version"]
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_a4_dockerfiles_differ_in_the_name_only(service: str) -> None:
    assert re.sub(rf"\b{service}\b", "SERVICE", dockerfile(service)) == re.sub(
        r"\bauth\b", "SERVICE", dockerfile("auth")
    )


def test_every_engine_can_build_them() -> None:
    text = dockerfile("auth")
    assert not re.search(r"^# *syntax=|--mount|--link|<<|--chmod", text, re.MULTILINE)
    assert "PIP_INDEX_URL" not in text
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"


def test_a4_images_are_of_the_version_of_the_code() -> None:
    versions = {version(ROOT / "services" / service) for service in SERVICES}
    assert len(versions) == 1
    (code,) = versions
    assert f"ARG VERSION={code}\n" in dockerfile("auth")
    assert ours_in_compose() | ours_in_overlays() == {f"portus-{name}:{code}" for name in SERVICES}


def ours_in_compose() -> set[str]:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return {each["image"] for each in services.values() if each["image"].startswith("portus-")}


def ours_in_overlays() -> set[str]:
    return {
        container["image"]
        for name in OVERLAYS
        for workload in of_kind(overlay(name), *WORKLOADS)
        for part in ("initContainers", "containers")
        for container in pod_of(workload).get(part, [])
        if container["image"].startswith("portus-")
    }
