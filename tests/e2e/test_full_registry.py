"""A registry that was full before Portus came: an admin finds what lies there and takes it in."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.e2e.product import Product

from portus_shared.testing.clients import Skopeo
from portus_shared.testing.images import build_image
from portus_shared.testing.registry import Registry
from portus_shared.testing.waiting import wait_until


def test_creating_a_namespace_takes_in_what_lay_there_before(
    own_product: Product, registry: Callable[..., Registry], skopeo: Skopeo, tmp_path: Path
) -> None:
    before = registry("before")
    layout = build_image(tmp_path / "image", text="from before")
    skopeo.push(layout, f"{before.host}/old/app:1")
    before.stop()
    images = own_product.data / "registry/images"
    images.parent.mkdir(parents=True)
    shutil.copytree(tmp_path / "before/storage", images)

    own_product.start()
    own_product.set_up()
    [orphan] = wait_until(lambda: own_product.get("/repositories/orphans")["items"], 20)
    assert (orphan["namespace"], orphan["repositories"]) == ("old", 1)
    assert own_product.repository("old/app") is None
    own_product.make("/teams", {"name": "heirs"})
    own_product.make("/namespaces", {"name": "old", "team": "heirs"})
    own_product.soon(lambda: own_product.images("old/app"), "what lay there is seen")
    assert own_product.get("/repositories/orphans")["items"] == []
