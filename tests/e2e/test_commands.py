"""The services' own commands, with the settings that the running product has."""

import subprocess

from tests.e2e.product import ROOT, Product

from portus_shared.testing.waiting import wait_until


def service(product: Product, *command: str) -> subprocess.CompletedProcess[str]:
    whole = [str(ROOT / "portus"), "service", "--data", str(product.data), *command]
    return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False)


def test_a_service_s_commands_know_the_last_settings(product: Product) -> None:
    wait_until(
        lambda: service(product, "sync", "outbox", "status").stdout == "0 waiting\n",
        30,
        what="all events of sync are published",
    )
    unknown = service(product, "catalog", "dead", "replay", "no-such-message")
    assert unknown.returncode == 1
    assert "no dead message has the id no-such-message" in unknown.stderr
