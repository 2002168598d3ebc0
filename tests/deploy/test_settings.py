"""What compose and the manifests set is what the services read, and is enough for them to start."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from deploy import prepare
from tests.architecture.settings import settings_by_reader
from tests.deploy.kubectl import OVERLAYS, ROOT, of_kind, overlay

import portus_auth.config
import portus_catalog.config
import portus_sync.config
import portus_ui.config
from portus_standalone.registry_config import Attachment, attachment_sections

URL: Final = "https://portus.example.org"
HOST: Final = "portus.example.org"
READERS: Final[Mapping[str, Callable[[Mapping[str, str]], Any]]] = {
    "auth": portus_auth.config.read,
    "sync": portus_sync.config.read,
    "catalog": portus_catalog.config.read,
    "ui": portus_ui.config.read,
}
Environ = Mapping[str, str]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, prepare.Files]:
    """What each container finds in /run/portus."""
    monkeypatch.setattr(prepare, "MADE", tmp_path)
    return prepare.contents(URL, HOST)


def of_compose() -> dict[str, Environ]:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return {
        name: {key: value for key, value in each["environment"].items() if value}
        for name, each in services.items()
        if name.partition("-")[0] in READERS
    }


def of_overlay(name: str) -> dict[str, Environ]:
    return {
        each["metadata"]["name"]: each["data"]
        for each in of_kind(overlay(name), "ConfigMap")
        if each["metadata"]["name"].partition("-")[0] in READERS
    }


@pytest.mark.parametrize("place", ["compose", *OVERLAYS])
def test_a5_settings_are_known_and_complete(
    place: str, files: Mapping[str, prepare.Files], tmp_path: Path
) -> None:
    known = settings_by_reader()
    given = of_compose() if place == "compose" else of_overlay(place)
    for container, environ in given.items():
        service = container.partition("-")[0]
        for setting in environ:
            readers = known.get(setting) or known[setting.removesuffix("_FILE")]
            assert service in readers, f"{container}: {setting}"
        for name, text in files[service].items():
            (tmp_path / name).write_text(text)
        found = {
            key: _resolved(value).replace("/run/portus", str(tmp_path))
            for key, value in environ.items()
        }
        READERS[service](found)


def test_a_container_gets_its_own_secrets_only(files: Mapping[str, prepare.Files]) -> None:
    auth, sync = files["auth"], files["sync"]
    assert auth["sync-secret"] == sync["service-secret"]
    keys = {
        name for name, each in files.items() if any("PRIVATE" in text for text in each.values())
    }
    assert keys == {"auth"}
    assert auth["ca.pem"] == files["registry"]["ca.pem"]


def test_secrets_are_made_once(files: Mapping[str, prepare.Files]) -> None:
    assert prepare.contents(URL, HOST) == files


def test_registries_are_attached_alike_everywhere(files: Mapping[str, prepare.Files]) -> None:
    config = yaml.safe_load(files["registry"]["config.yml"])
    attachment = Attachment(
        public_url=URL,
        notify_url="http://sync:8080",
        service=HOST,
        ca_cert=Path("/run/portus/ca.pem"),
        webhook_secret=files["sync"]["webhook-secret"],
    )
    wanted = attachment_sections(attachment, major=3)
    assert {name: config[name] for name in wanted} == wanted


def test_kubernetes_gets_the_same_as_secrets(files: Mapping[str, prepare.Files]) -> None:
    secrets = {
        each["metadata"]["name"]: each["stringData"]
        for each in prepare.as_secrets(dict(files))["items"]
    }
    assert secrets == {f"portus-{name}": each for name, each in files.items()}


def _resolved(value: str) -> str:
    """Return what Compose makes of ``${NAME:-default}`` when nothing is set."""
    if not value.startswith("${"):
        return value
    return value.removeprefix("${").removesuffix("}").partition(":-")[2]


def test_what_a_registry_elsewhere_must_be_told_can_be_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "MADE", tmp_path)
    printed = prepare.instructions("https://portus.example", "registry.example")
    pasted, _, certificate = printed.partition("-----BEGIN")
    assert yaml.safe_load(pasted) == prepare.attachment(
        "https://portus.example", "registry.example", "https://portus.example", "/etc/portus/ca.pem"
    )
    assert "{" not in pasted
    assert f"-----BEGIN{certificate}" == (tmp_path / "ca.pem").read_text()
