"""Images in namespaces that auth does not have: hidden from all, listed for admins."""

from typing import Any

import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import REGISTRY, namespace, observed, pushed, registry, team

from portus_shared.contracts import auth

PATH = "/api/v1/repositories/orphans"


@pytest.fixture(autouse=True)
def filled(catalogue: Catalogue) -> None:
    """A registry that was full before Portus came: scans find it."""
    catalogue.hears(team(), registry(), namespace())
    catalogue.hears(
        observed("web/app", {"1": "one"}, 1),
        observed("old/app", {"1": "one", "2": "two"}, 2, scan="s"),
        observed("old/deep/er", {"1": "one"}, 3, scan="s"),
        pushed("legacy/tool:1", "three", 4),
        pushed("plain:1", "four", 5),
    )


def listed(catalogue: Catalogue, limit: int = 100) -> list[Any]:
    found: list[Any] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = catalogue.gets(PATH, **query)
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            return found
        query["after"] = page["next"]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_admins_find_what_nobody_can_see(catalogue: Catalogue, limit: int) -> None:
    assert [r["full_name"] for r in catalogue.gets("/api/v1/repositories")] == ["web/app"]
    found = listed(catalogue, limit)
    counts = {each["namespace"]: each["repositories"] for each in found}
    assert counts == {"_": 1, "legacy": 1, "old": 2}
    assert {each["registry"] for each in found} == {REGISTRY}
    assert not any(each["deleted"] or each["emptying"] for each in found)


def test_creating_the_namespace_makes_them_visible(catalogue: Catalogue) -> None:
    catalogue.hears(namespace("old", namespace_id=9))
    names = {each["full_name"] for each in catalogue.gets("/api/v1/repositories", "vera")}
    assert names == {"web/app", "old/app", "old/deep/er"}
    assert [each["namespace"] for each in listed(catalogue)] == ["_", "legacy"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_deleted_namespace_is_one_until_it_is_empty(catalogue: Catalogue, *, keep: bool) -> None:
    gone = auth.NamespaceDeleted(
        registry=REGISTRY, namespace_id=3, namespace="web", revision=20, keep_images=keep
    )
    catalogue.hears(gone)
    (web,) = [each for each in listed(catalogue) if each["namespace"] == "web"]
    assert (web["deleted"], web["emptying"], web["repositories"]) == (True, not keep, 1)


@pytest.mark.parametrize("after", ["nonsense", "WzEsMl0", "WyJhIl0"])
def test_a_foreign_cursor_is_malformed(catalogue: Catalogue, after: str) -> None:
    assert catalogue.asks(PATH, query_string={"after": after}).status_code == 400
