"""What is deleted through the REST API is gone from the registry, whatever is killed meanwhile."""

from pathlib import Path
from typing import Any, Final

import pytest
import requests
from playwright.sync_api import Page, expect
from tests.e2e.product import PASSWORD, Product

from portus_shared.testing.clients import Skopeo
from portus_shared.testing.images import Platform, build_image, build_index
from portus_shared.testing.waiting import wait_until

ACCEPTED: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)


def in_registry(product: Product, repository: str, reference: str) -> int:
    """Return what the registry itself answers about a manifest."""
    assert product.admin
    token = requests.get(
        f"{product.url}/v2/token",
        params={"service": product.host, "scope": f"repository:{repository}:pull"},
        auth=(product.admin.name, product.admin.token),
        timeout=10,
    ).json()["token"]
    return requests.get(
        f"http://{product.host}/v2/{repository}/manifests/{reference}",
        headers={"Authorization": f"Bearer {token}", "Accept": ", ".join(ACCEPTED)},
        timeout=10,
    ).status_code


def tags(product: Product, name: str) -> dict[str, dict[str, Any]]:
    repository = product.repository(name)
    if repository is None:
        return {}
    found = product.get(f"/repositories/{repository['id']}/tags?all=true")
    return {tag["name"]: tag for tag in found}


def test_an_image_goes_with_its_tags_and_its_platforms(
    product: Product, skopeo: Skopeo, tmp_path: Path
) -> None:
    assert product.admin
    one = build_image(tmp_path / "one", text="to be deleted")
    index = build_index(tmp_path / "index", [Platform(), Platform(architecture="arm64")])
    for name, layout in (("1", one), ("uno", one), ("multi", index)):
        skopeo.push(layout, f"{product.host}/root/gone:{name}", product.admin.credentials)
    product.soon(lambda: len(tags(product, "root/gone")) == 3, "all tags are known")
    known = tags(product, "root/gone")

    assert product.get(f"/tags/{known['1']['id']}")["siblings"] == ["uno"]
    assert product.api("DELETE", f"/tags/{known['1']['id']}").status_code == 204
    product.soon(lambda: tags(product, "root/gone").keys() == {"multi"}, "both tags are gone")
    assert in_registry(product, "root/gone", one.digest) == 404
    assert in_registry(product, "root/gone", "multi") == 200
    [deletion] = product.get("/deletions?limit=1")["items"]
    assert (deletion["repository"], deletion["requested_by"]) == ("root/gone", "root")

    product.soon(lambda: _all_described(product, "root/gone"), "the index is read")
    assert product.api("DELETE", f"/tags/{known['multi']['id']}").status_code == 204
    wait_until(lambda: product.repository("root/gone") is None, 10, what="the repository is gone")
    for digest in (index.digest, *index.children):
        assert in_registry(product, "root/gone", digest) == 404
    deletions = product.get("/deletions")["items"]
    assert {item["status"] for item in deletions if item["repository"] == "root/gone"} == {"done"}


@pytest.mark.browser
def test_what_is_deleted_goes_from_the_open_page(
    product: Product, page: Page, skopeo: Skopeo, tmp_path: Path
) -> None:
    assert product.admin
    images = {name: build_image(tmp_path / name, text=f"page {name}") for name in ("1", "2")}
    for name, layout in images.items():
        skopeo.push(layout, f"{product.host}/root/page:{name}", product.admin.credentials)
    product.soon(lambda: tags(product, "root/page").keys() == {"1", "2"}, "both are known")
    page.goto(f"{product.url}/sign-in?next=/r/root/page")
    page.get_by_label("Username or e-mail").fill(product.admin.name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    rows = page.locator("#images tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="Delete image 1", exact=True).click()
    page.get_by_role("button", name="Delete image and 1 tag").click()
    expect(rows).to_have_count(1, timeout=10_000)
    assert in_registry(product, "root/page", images["1"].digest) == 404

    page.evaluate("window.notReloaded = true")
    repository = product.repository("root/page")
    assert repository
    expect(page.locator(".live")).to_have_text("Live")
    assert product.api("DELETE", f"/repositories/{repository['id']}").status_code == 204
    expect(page.get_by_text("Nothing is left here")).to_be_visible(timeout=10_000)
    assert page.evaluate("window.notReloaded") is True


def test_a_namespace_goes_with_its_images_and_then_its_name_is_free(
    product: Product, skopeo: Skopeo, tmp_path: Path
) -> None:
    assert product.admin
    product.make("/teams", {"name": "leaving"})
    namespace = product.make("/namespaces", {"name": "leaving", "team": "leaving"})
    layout = build_image(tmp_path / "image", text="of a namespace that goes")
    for name in ("leaving/app", "leaving/deep/er"):
        skopeo.push(layout, f"{product.host}/{name}:1", product.admin.credentials)
    product.soon(lambda: product.repository("leaving/deep/er"), "both are known")
    again = {"name": "leaving", "team": "leaving"}
    path = f"/namespaces/{namespace['id']}"

    assert product.api("DELETE", f"{path}?keep_images=true").status_code == 204
    product.soon(lambda: product.repository("leaving/app") is None, "it is out of sight")
    product.make("/namespaces", {**again, "adopt": True})
    product.soon(lambda: product.repository("leaving/app"), "it is back")
    assert in_registry(product, "leaving/app", layout.digest) == 200

    assert product.api("DELETE", path).status_code == 204
    assert product.api("POST", "/namespaces", again).status_code == 422
    wait_until(lambda: product.get("/namespaces?held=true")[0]["leftovers"] == "gone", 20)
    fresh = product.make("/namespaces", again)
    assert fresh["id"] != namespace["id"]
    for name in ("leaving/app", "leaving/deep/er"):
        assert in_registry(product, name, layout.digest) == 404
        assert product.repository(name) is None


def test_what_was_accepted_is_done_after_everything_was_killed(
    own_product: Product, skopeo: Skopeo, tmp_path: Path
) -> None:
    own_product.start()
    admin = own_product.set_up()
    layout = build_image(tmp_path / "image", text="killed meanwhile")
    skopeo.push(layout, f"{own_product.host}/root/app:1", admin.credentials)
    repository = own_product.soon(lambda: own_product.repository("root/app"), "it is known")
    assert own_product.api("DELETE", f"/repositories/{repository['id']}").status_code == 204
    own_product.kill_everything()
    own_product.start()
    # Killed while it asked the registry, sync takes the deletion up when its lease of 30 s is over.
    wait_until(lambda: own_product.repository("root/app") is None, 60, what="it is gone")
    assert in_registry(own_product, "root/app", layout.digest) == 404


def _all_described(product: Product, name: str) -> bool:
    images = product.images(name)
    return bool(images) and all(
        image["described"] and all(platform["size_bytes"] for platform in image["platforms"])
        for image in images
    )
