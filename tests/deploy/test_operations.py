"""What docs/operations.md and the alerts say of metrics, messages and commands is so."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric
from tests.deploy.kubectl import K8S, ROOT
from tests.deploy.programs import SERVICES, program

import portus_standalone.composition  # noqa: F401 - all metrics of all services are registered

PAGE: Final = (ROOT / "docs" / "operations.md").read_text()
ALERTS: Final = (K8S / "components" / "monitoring" / "alerts.yaml").read_text()
CLIENTS: Final = (ROOT / "docs" / "compatibility.md").read_text()
_NAME: Final = re.compile(r"\bportus_[a-z_]+_[a-z]+\b")


def families() -> list[Metric]:
    return [family for family in REGISTRY.collect() if family.name.startswith("portus_")]


def names_of(family: Metric) -> set[str]:
    """Return all names under which Prometheus finds a metric, also before it has any value."""
    endings = {
        "counter": ("_total", "_created"),
        "histogram": ("_bucket", "_count", "_sum", "_created"),
        "gauge": (),
    }
    return {family.name} | {family.name + ending for ending in endings[family.type]}


@pytest.mark.parametrize("place", ["page", "alerts"])
def test_every_metric_that_is_named_exists(place: str) -> None:
    known = {name for family in families() for name in names_of(family)}
    named = set(_NAME.findall({"page": PAGE, "alerts": ALERTS}[place]))
    assert named - known == set()


def test_every_metric_is_on_the_page() -> None:
    named = set(_NAME.findall(PAGE))
    silent = {family.name for family in families() if not named & names_of(family)}
    assert silent == set()


def test_every_alert_is_on_the_page_and_no_other() -> None:
    made = set(re.findall(r"alert: (Portus\w+)", ALERTS))
    assert set(re.findall(r"`(Portus[A-Z]\w+)`", PAGE)) == made


def test_words_of_the_clients_are_those_that_were_heard() -> None:
    """Troubleshooting starts from what people see, as tests/clients collected it."""
    said = re.findall(r"^\| `([^`]+)` \|", PAGE.partition("## Troubleshooting")[2], re.MULTILINE)
    heard = [words for words in said if words in CLIENTS]
    assert len(said) >= 10
    assert len(heard) >= 4


@pytest.mark.parametrize("service", SERVICES)
def test_every_command_that_is_named_exists(service: str) -> None:
    named = {
        words for words in re.findall(rf"portus-{service} ([a-z-]+)", PAGE) if words[0].isalpha()
    }
    said = subprocess.run(
        [program(service), "--help"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert {name for name in named if not re.search(rf"^  {name}\b", said, re.MULTILINE)} == set()


def test_the_page_is_linked_from_the_readme() -> None:
    assert Path("docs/operations.md").as_posix() in (ROOT / "README.md").read_text()
