"""Who may pull and push what, by a real client through the running realm and registry."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from tests.e2e.people import VISIBILITIES, People
from tests.e2e.product import Product

from portus_shared.testing.clients import Skopeo, SkopeoFailed
from portus_shared.testing.images import build_image

EVERYONE: Final = ("anonymous", "stranger", "viewer", "contributor", "owner", "admin")
MAY_PUSH: Final = frozenset({"contributor", "owner", "admin"})
MAY_PULL: Final[Mapping[str, frozenset[str]]] = {
    "private": frozenset(EVERYONE) - {"anonymous", "stranger"},
    "protected": frozenset(EVERYONE) - {"anonymous"},
    "public": frozenset(EVERYONE),
}
REFUSALS: Final = ("unauthorized", "denied", "authentication required")


def refused(error: SkopeoFailed) -> bool:
    return any(word in str(error).lower() for word in REFUSALS)


@pytest.fixture
def pushed(product: Product, people: People, skopeo: Skopeo, tmp_path: Path) -> None:
    """An image in each namespace, pushed by whichever test comes first."""
    layout = build_image(tmp_path / "pushed", text="for the matrix")
    for visibility in VISIBILITIES:
        if product.repository(f"{visibility}/app") is None:
            reference = f"{product.host}/{visibility}/app:1"
            skopeo.push(layout, reference, people.credentials("owner"))


@pytest.mark.usefixtures("pushed")
@pytest.mark.parametrize("role", EVERYONE)
@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_who_may_pull(
    product: Product, people: People, skopeo: Skopeo, visibility: str, role: str
) -> None:
    reference = f"{product.host}/{visibility}/app:1"
    if role in MAY_PULL[visibility]:
        assert "layers" in skopeo.inspect(reference, people.credentials(role))
        return
    with pytest.raises(SkopeoFailed) as failure:
        skopeo.inspect(reference, people.credentials(role))
    assert refused(failure.value)


@pytest.mark.parametrize("role", EVERYONE)
@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_who_may_push(
    product: Product, people: People, skopeo: Skopeo, tmp_path: Path, visibility: str, role: str
) -> None:
    layout = build_image(tmp_path / "image", text=f"{visibility} {role}")
    reference = f"{product.host}/{visibility}/{role}:1"
    if role in MAY_PUSH:
        skopeo.push(layout, reference, people.credentials(role))
        assert product.soon(
            lambda: product.images(f"{visibility}/{role}"), "the image is in the catalogue"
        )
        return
    with pytest.raises(SkopeoFailed) as failure:
        skopeo.push(layout, reference, people.credentials(role))
    assert refused(failure.value)
    assert product.repository(f"{visibility}/{role}") is None


@pytest.mark.usefixtures("pushed")
@pytest.mark.parametrize("role", [role for role in EVERYONE if role != "anonymous"])
@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_who_may_pull_may_see(product: Product, people: People, visibility: str, role: str) -> None:
    person = people.by_role[role]
    product.soon(lambda: product.repository(f"{visibility}/app"), "the repository is known")
    seen = product.get(f"/repositories?full_name={visibility}/app", who=person)
    assert bool(seen) == (role in MAY_PULL[visibility])


@pytest.mark.usefixtures("pushed")
def test_a_wrong_password_is_no_anonymous_pull(product: Product, skopeo: Skopeo) -> None:
    with pytest.raises(SkopeoFailed):
        skopeo.inspect(f"{product.host}/public/app:1", "owner:wrong")
