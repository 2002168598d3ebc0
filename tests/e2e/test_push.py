"""What is pushed is in the catalogue, with everything a person wants to know about it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.product import Product

from portus_shared.testing.clients import Skopeo
from portus_shared.testing.images import Platform, build_image, build_index


def test_an_image_appears_with_digest_size_platform_who_and_when(
    product: Product, skopeo: Skopeo, tmp_path: Path
) -> None:
    layout = build_image(tmp_path / "image", text="one platform", layers=2)
    assert product.admin
    skopeo.push(layout, f"{product.host}/root/hello:1", product.admin.credentials)
    image = product.soon(
        lambda: next((i for i in product.images("root/hello") if i["described"]), None),
        "the image is in the catalogue",
    )
    assert image["digest"] == layout.digest
    assert image["media_type"] == layout.media_type
    assert image["size_bytes"] == layout.size_bytes
    assert [(p["os"], p["architecture"]) for p in image["platforms"]] == [("linux", "amd64")]
    assert [tag["name"] for tag in image["tags"]] == ["1"]
    assert image["tags"][0]["pushed_by"] == image["pushed_by"] == "root"
    age = datetime.now(UTC) - datetime.fromisoformat(image["pushed_at"])
    assert timedelta(0) <= age < timedelta(minutes=1)


def test_an_index_of_two_platforms_is_one_image(
    product: Product, skopeo: Skopeo, tmp_path: Path
) -> None:
    platforms = [Platform(), Platform(architecture="arm64", variant="v8")]
    layout = build_index(tmp_path / "index", platforms)
    assert product.admin
    skopeo.push(layout, f"{product.host}/root/multi:latest", product.admin.credentials)

    def all_sized(image: dict[str, Any]) -> bool:
        return image["described"] and all(p["size_bytes"] for p in image["platforms"])

    def described() -> dict[str, Any] | None:
        images = product.images("root/multi")
        tagged = [image for image in images if image["tags"]]
        return tagged[0] if tagged and all_sized(tagged[0]) else None

    image = product.soon(described, "the index is in the catalogue")
    assert image["digest"] == layout.digest
    sizes = {p["architecture"]: p["size_bytes"] for p in image["platforms"]}
    assert sum(sizes.values()) == layout.size_bytes
    assert image["size_bytes"] == sizes["amd64"]
    found = {(p["os"], p["architecture"], p["variant"]) for p in image["platforms"]}
    assert found == {("linux", "amd64", None), ("linux", "arm64", "v8")}
    assert {p["digest"] for p in image["platforms"]} == set(layout.children)


def test_a_tag_that_moves_shows_the_new_image(
    product: Product, skopeo: Skopeo, tmp_path: Path
) -> None:
    assert product.admin
    for text in ("old", "new"):
        layout = build_image(tmp_path / text, text=text)
        skopeo.push(layout, f"{product.host}/root/moving:latest", product.admin.credentials)

        def points_here(digest: str = layout.digest) -> bool:
            images = product.images("root/moving")
            return any(i["digest"] == digest and i["tags"] for i in images)

        product.soon(points_here, f"latest is the {text} image")
    tagged = [image for image in product.images("root/moving") if image["tags"]]
    assert len(tagged) == 1


def test_a_push_into_the_global_namespace_is_seen(
    product: Product, skopeo: Skopeo, tmp_path: Path
) -> None:
    assert product.admin
    layout = build_image(tmp_path / "image", text="global")
    skopeo.push(layout, f"{product.host}/hello-world:latest", product.admin.credentials)
    product.soon(lambda: product.images("hello-world"), "the image is in the catalogue")
    repository = product.repository("hello-world")
    assert repository
    assert repository["full_name"] == "hello-world"
