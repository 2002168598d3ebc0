"""The same product put together in other ways."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.e2e.product import DISTRIBUTED, Product

from portus_shared.testing.clients import Skopeo
from portus_shared.testing.images import build_image
from portus_shared.testing.processes import Process
from portus_shared.testing.waiting import is_listening, wait_until

pytestmark = pytest.mark.slow


def push_and_see(product: Product, skopeo: Skopeo, directory: Path) -> None:
    admin = product.set_up()
    layout = build_image(directory / "image", text=product.host)
    skopeo.push(layout, f"{product.host}/root/app:1", admin.credentials)
    images = product.soon(lambda: product.images("root/app"), "the image is in the catalogue")
    assert images[0]["digest"] == layout.digest


def test_on_postgresql_and_rabbitmq(
    own_product: Product, skopeo: Skopeo, tmp_path: Path, postgresql_url: str, rabbitmq_url: str
) -> None:
    own_product.options = ("--database", postgresql_url, "--bus", rabbitmq_url)
    own_product.start()
    push_and_see(own_product, skopeo, tmp_path)
    assert not list(own_product.data.glob("*.db"))


def test_distributed_over_the_same_without_nginx(
    own_product: Product, skopeo: Skopeo, tmp_path: Path, postgresql_url: str, rabbitmq_url: str
) -> None:
    own_product.form = DISTRIBUTED
    given = ("--database", postgresql_url, "--bus", rabbitmq_url)
    own_product.options = (*given, "--front", "dispatcher")
    own_product.start()
    push_and_see(own_product, skopeo, tmp_path)
    assert not list(own_product.data.glob("*.db"))
    assert "rabbitmq" not in own_product.parts()


@pytest.mark.parametrize("generation", ["2", "3"])
def test_with_a_registry_that_runs_elsewhere(
    own_product: Product, skopeo: Skopeo, tmp_path: Path, registry_binary: Path, generation: str
) -> None:
    """Its configuration is what we print, added to the least that a registry needs."""
    url = f"http://{own_product.host}"
    listen = ["--data", str(own_product.data), "--listen", own_product.url.removeprefix("http://")]
    command = [sys.executable, "-m", "portus_standalone", "registry-config", *listen]
    command += ["--registry", url, "--version", generation]
    sections = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    config = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(tmp_path / "images")}},
        "http": {"addr": own_product.host},
        **yaml.safe_load(sections),
    }
    file = tmp_path / "config.yml"
    file.write_text(yaml.safe_dump(config))
    own_product.options = ("--registry", url)
    with Process([registry_binary, "serve", file], log=tmp_path / "registry.log"):
        console = own_product.start()
        assert "rootcertbundle" in console.output()
        push_and_see(own_product, skopeo, tmp_path)


def test_the_pages_answer_only_when_the_registry_does(own_product: Product, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    slow = tmp_path / "slow-registry"
    slow.write_text(
        f'#!/bin/sh\n[ "$1" = serve ] && while ! [ -e "{gate}" ]; do sleep 0.05; done\n'
        f'exec "{own_product.registry_binary}" "$@"\n'
    )
    slow.chmod(0o755)
    own_product.registry_binary = slow
    process = own_product.launch()
    wait_until(lambda: "Starting Portus" in process.output(), 10)
    wait_until((own_product.data / "log" / "registry.log").exists, 10)
    assert not is_listening(own_product.port)
    gate.touch()
    own_product.await_ready(process)
    assert is_listening(own_product.port)
