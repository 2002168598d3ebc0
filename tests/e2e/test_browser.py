"""The main story in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.product import PASSWORD, VISIBLE_WITHIN_S, Product, in_both_forms

from portus_shared.testing.clients import Skopeo
from portus_shared.testing.images import Platform, build_image, build_index


@pytest.mark.browser
@in_both_forms
def test_set_up_then_watch_pushes_appear_on_the_open_page(
    own_product: Product, page: Page, skopeo: Skopeo, tmp_path: Path
) -> None:
    own_product.start()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console", lambda message: faults.append(message.text) if message.type == "error" else None
    )
    set_up(page, own_product)

    first = build_image(tmp_path / "first", text="first")
    reference = f"{own_product.host}/ada/app"
    skopeo.push(first, f"{reference}:1.0", f"ada:{PASSWORD}")
    page.goto(f"{own_product.url}/n/ada")
    page.get_by_role("link", name="app").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ada/app")
    images = page.locator("#images")
    expect(images).to_contain_text("1.0")
    page.evaluate("window.notReloaded = true")

    second = build_index(tmp_path / "second", [Platform(), Platform(architecture="arm64")])
    skopeo.push(second, f"{reference}:2.0", f"ada:{PASSWORD}")
    row = images.get_by_role("row").filter(has_text="2.0")
    expect(row).to_be_visible(timeout=VISIBLE_WITHIN_S * 1000)
    for text in ("linux/amd64", "linux/arm64", second.digest[7:15], "ada", "B"):
        expect(row).to_contain_text(text, timeout=VISIBLE_WITHIN_S * 1000)
    assert page.evaluate("window.notReloaded") is True
    assert faults == []


def set_up(page: Page, product: Product) -> None:
    page.goto(product.url)
    page.get_by_label("Set-up code").fill(product.setup_code())
    page.get_by_label("Username").fill("ada")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create administrator and sign in").click()
    expect(page).to_have_url(f"{product.url}/")
