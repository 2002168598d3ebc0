"""What must be true when Portus is stopped, killed, or started again."""

import os
import signal
import time
from pathlib import Path

import pytest
import requests
from tests.e2e.product import PASSWORD, TOGETHER, Product, in_both_forms

from portus_shared.testing.clients import Skopeo
from portus_shared.testing.images import build_image
from portus_shared.testing.waiting import wait_until

pytestmark = pytest.mark.slow


STOPS_WITHIN_S = 5


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_stops_everything_within_five_seconds(
    own_product: Product, by: signal.Signals
) -> None:
    process = own_product.start()
    started = time.monotonic()
    assert process.stop(STOPS_WITHIN_S, by=by) == 0
    assert time.monotonic() - started < STOPS_WITHIN_S
    assert own_product.is_gone()
    assert "Portus has stopped" in process.output()


@in_both_forms
def test_an_open_page_does_not_hold_the_end_up(own_product: Product) -> None:
    process = own_product.start()
    admin = own_product.set_up()
    with requests.Session() as browser:
        sign_in(browser, own_product.url, admin.name)
        stream = browser.get(
            f"{own_product.url}/updates", params={"topics": "feed"}, stream=True, timeout=10
        )
        assert stream.headers["Content-Type"].startswith("text/event-stream"), stream.text
        started = time.monotonic()
        assert process.stop(STOPS_WITHIN_S) == 0
        assert time.monotonic() - started < STOPS_WITHIN_S
        stream.close()
    assert own_product.is_gone()


def sign_in(browser: requests.Session, url: str, name: str) -> None:
    page = browser.get(f"{url}/sign-in", timeout=10).text
    token = page.partition('name="form_token" value="')[2].partition('"')[0]
    form = {"login": name, "password": PASSWORD, "form_token": token}
    answer = browser.post(
        f"{url}/sign-in", data=form, headers={"Origin": url}, timeout=10, allow_redirects=False
    )
    assert answer.status_code == 303, answer.text


@in_both_forms
def test_a_killed_runner_leaves_nothing_behind_and_up_works_at_once(own_product: Product) -> None:
    process = own_product.start()
    admin = own_product.set_up()
    process.send(signal.SIGKILL)
    again = own_product.start()
    assert own_product.get("/users")[0]["username"] == admin.name
    assert "Set-up code" not in again.output()
    assert not own_product.data.joinpath("setup-code").exists()


@pytest.mark.parametrize("victim", ["serve", "gunicorn"], ids=["registry", "server"])
def test_a_killed_part_comes_back_by_itself(own_product: Product, victim: str) -> None:
    process = own_product.start()
    before = own_product.processes()
    for pid in before:
        if victim in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: "stopped unexpectedly" in process.output(), 10)
    wait_until(lambda: answers(own_product), 20, what="registry and pages answer again")
    assert process.is_running


def answers(product: Product) -> bool:
    try:
        page = requests.get(f"{product.url}/api/v1/_ping", timeout=2)
        registry = requests.get(f"http://{product.host}/v2/", timeout=2)
    except requests.RequestException:
        return False
    return page.ok and registry.status_code == 401


@in_both_forms
def test_a_push_acknowledged_just_before_a_power_cut_is_there_afterwards(
    own_product: Product, skopeo: Skopeo, tmp_path: Path
) -> None:
    own_product.start()
    admin = own_product.set_up()
    for number in range(3 if own_product.form == TOGETHER else 1):
        layout = build_image(tmp_path / f"image{number}", text=f"survives {number}")
        reference = f"{own_product.host}/root/survivor:{number}"
        skopeo.push(layout, reference, admin.credentials)
        own_product.kill_everything()
        forget_where_queues_live(own_product)
        own_product.start()

        def is_there(digest: str = layout.digest) -> bool:
            images = own_product.images("root/survivor")
            return any(image["digest"] == digest and image["tags"] for image in images)

        wait_until(is_there, 20, what=f"tag {number} is there: {own_product.logs()}")


def forget_where_queues_live(product: Product) -> None:
    """Leave a private RabbitMQ as a power cut does just after it was first started."""
    for file in (product.data / "broker").rglob("names.dets"):
        file.unlink()


def test_a_second_instance_is_refused_and_the_first_goes_on(own_product: Product) -> None:
    own_product.start()
    second = Product(own_product.directory, own_product.registry_binary)
    with pytest.raises(AssertionError, match="another `portus up` already uses"):
        second.start()
    assert answers(own_product)
