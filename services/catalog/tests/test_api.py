"""The REST edge: credentials, paging, sorting, filters, stars, and input nobody should send."""

from typing import Any

import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import digest_of, namespace, observed, pushed, registry, team

PATHS = [
    "/api/v1/repositories",
    "/api/v1/repositories/1",
    "/api/v1/repositories/counts",
    "/api/v1/repositories/1/tags",
    "/api/v1/repositories/1/tags/grouped",
    "/api/v1/repositories/1/tags/1",
    "/api/v1/repositories/1/images",
    "/api/v1/repositories/1/manifests/sha256:0",
    "/api/v1/namespaces/1/repositories",
    "/api/v1/tags",
    "/api/v1/tags/1",
    "/api/v1/activities",
]


WRITES = [
    ("DELETE", "/api/v1/repositories/1"),
    ("DELETE", "/api/v1/tags/1"),
    ("DELETE", "/api/v1/repositories/1/manifests/sha256:0"),
    ("PUT", "/api/v1/repositories/1/star"),
    ("DELETE", "/api/v1/repositories/1/star"),
]


@pytest.mark.parametrize(("method", "path"), [("GET", path) for path in PATHS] + WRITES)
def test_no_credentials_are_401(catalogue: Catalogue, method: str, path: str) -> None:
    response = catalogue.asks(path, None, method=method)
    assert response.status_code == 401
    assert response.json is not None
    assert response.json["message"] == "Authentication fails"


def test_every_route_is_in_the_openapi_document(catalogue: Catalogue) -> None:
    document: Any = catalogue.asks("/openapi.json", None).json
    rules = {
        rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}")
        for rule in catalogue.app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
    }
    assert set(document["paths"]) == rules
    assert "Repository" in document["components"]["schemas"]


def test_a_huge_or_unknown_id_is_404(catalogue: Catalogue) -> None:
    for identity in (999, 2**63 - 1, 2**63, 10**30):
        for path in ("repositories", "tags"):
            assert catalogue.asks(f"/api/v1/{path}/{identity}").status_code == 404
        assert catalogue.asks(f"/api/v1/namespaces/{identity}/repositories").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "per_page=x",
        "sort_attr=drop",
        "sort_order=up",
        "after=nonsense",
        "after=WzEsMiwzXQ",
        "after=WyJ4IiwieSJd",
        "limit=100000",
        "q=%00",
        "full_name=%00",
        "namespace=a%00",
    ],
)
def test_unreadable_parameters_are_400_with_the_field(catalogue: Catalogue, query: str) -> None:
    response = catalogue.asks(f"/api/v1/repositories?{query}")
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["field"] == query.partition("=")[0]


def test_lists_have_the_originals_pages(catalogue: Catalogue) -> None:
    _fill(catalogue, 20)
    response = catalogue.asks("/api/v1/repositories?sort_attr=full_name&sort_order=desc")
    assert [item["name"] for item in response.json or []][:2] == ["app19", "app18"]
    assert len(response.json or []) == 15
    assert response.headers["X-Total"] == "20"
    assert response.headers["X-Total-Pages"] == "2"
    assert response.headers["X-Next-Page"] == "2"
    assert len(catalogue.gets("/api/v1/repositories", page=2)) == 5
    assert catalogue.gets("/api/v1/repositories", page=3) == []
    assert len(catalogue.gets("/api/v1/repositories", all="true")) == 20


@pytest.mark.parametrize("attribute", ["id", "full_name", "updated_at", "size_bytes"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_following_the_cursor_meets_everything_once(
    catalogue: Catalogue, attribute: str, order: str
) -> None:
    _fill(catalogue, 11)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        response = catalogue.asks(
            "/api/v1/repositories",
            query_string={
                "limit": 3,
                "sort_attr": attribute,
                "sort_order": order,
                **({"after": cursor} if cursor else {}),
            },
        )
        seen += [item["name"] for item in response.json or []]
        cursor = response.headers.get("X-Next-Cursor")
    assert sorted(seen) == sorted(f"app{number:02}" for number in range(11))


def test_images_are_followed_newest_first(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace())
    catalogue.hears(*(pushed(f"web/app:{number}", f"{number}", number) for number in range(7)))
    first = catalogue.images("web/app", limit=5)
    assert [item["tags"][0]["name"] for item in first["items"]] == ["6", "5", "4", "3", "2"]
    assert first["total"] == 7
    second = catalogue.images("web/app", limit=5, after=first["next"])
    assert [item["tags"][0]["name"] for item in second["items"]] == ["1", "0"]
    assert second["next"] is None


def test_images_are_filtered_by_tag_or_digest(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace())
    for number, tag in enumerate(["v1.0", "v1.1", "v2_0", "v2x0"]):
        catalogue.hears(pushed(f"web/app:{tag}", tag, number))
    assert catalogue.images("web/app", filter="v1")["total"] == 2
    assert catalogue.images("web/app", filter="v2_")["total"] == 1
    for text in (digest_of("v1.0"), digest_of("v1.0")[:20], digest_of("v1.0")[7:20]):
        (item,) = catalogue.images("web/app", filter=text)["items"]
        assert item["tags"][0]["name"] == "v1.0"


def test_tags_are_grouped_by_image_newest_first(catalogue: Catalogue) -> None:
    catalogue.hears(
        team(),
        namespace(),
        pushed("web/app:1", "one", 1),
        pushed("web/app:2", "two", 2),
        pushed("web/app:latest", "one", 3),
    )
    identity = catalogue.repository("web/app")["id"]
    groups = catalogue.gets(f"/api/v1/repositories/{identity}/tags/grouped")
    assert [[tag["name"] for tag in group] for group in groups] == [["latest", "1"], ["2"]]


def test_a_search_takes_repository_and_tag(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), observed("web/ap_p", {"1": "one"}, 1))
    catalogue.hears(observed("web/apxp", {"1": "one"}, 1))
    for text in ("AP_", "ap_p:1", "web/ap_p"):
        (found,) = catalogue.gets("/api/v1/repositories", q=text)
        assert found["full_name"] == "web/ap_p"
    assert catalogue.gets("/api/v1/repositories", q="%") == []


def test_a_repository_of_the_global_namespace(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace("_", "public", namespace_id=1), pushed("busybox:1", "b", 1))
    found = catalogue.repository("busybox", "")
    assert (found["name"], found["namespace"]) == ("busybox", {"id": 1, "name": "_"})
    assert len(catalogue.gets("/api/v1/namespaces/1/repositories", "")) == 1


def test_counts_are_summed_by_namespace(catalogue: Catalogue) -> None:
    _fill(catalogue, 3)
    (count,) = catalogue.gets("/api/v1/repositories/counts")
    assert (count["namespace"], count["namespace_id"], count["repositories"]) == ("web", 3, 3)
    assert count["last_push_at"] == "2026-11-01T12:00:02+00:00"


def test_stars_are_everybodys_own(catalogue: Catalogue) -> None:
    _fill(catalogue, 1)
    path = f"/api/v1/repositories/{catalogue.repository('web/app00')['id']}/star"
    assert catalogue.asks(path, "vera", method="PUT").status_code == 200
    assert catalogue.asks(path, "vera", method="PUT").status_code == 200
    mine, theirs = catalogue.repository("web/app00", "vera"), catalogue.repository("web/app00")
    assert (mine["stars"], mine["starred"]) == (1, True)
    assert (theirs["stars"], theirs["starred"]) == (1, False)
    assert catalogue.asks(path, "vera", method="DELETE").status_code == 200
    assert catalogue.repository("web/app00")["stars"] == 0
    assert catalogue.asks(path, "sam", method="PUT").status_code == 404
    assert catalogue.asks(path, "", method="PUT").status_code == 404


def test_activities_are_of_what_the_query_names(catalogue: Catalogue) -> None:
    _fill(catalogue, 3)
    identity = catalogue.repository("web/app01")["id"]
    (only,) = catalogue.gets("/api/v1/activities", repository_id=identity)["items"]
    assert only["repository"] == "web/app01"
    assert len(catalogue.gets("/api/v1/activities", namespace="web")["items"]) == 3
    assert catalogue.gets("/api/v1/activities", namespace="other")["items"] == []
    page = catalogue.gets("/api/v1/activities", limit=2)
    rest = catalogue.gets("/api/v1/activities", limit=2, after=page["next"])
    repositories = [item["repository"] for item in page["items"] + rest["items"]]
    assert repositories == ["web/app02", "web/app01", "web/app00"]
    assert catalogue.asks("/api/v1/activities?repository_id=x").status_code == 400


def _fill(catalogue: Catalogue, count: int) -> None:
    catalogue.hears(registry(), team(), namespace())
    catalogue.hears(*(pushed(f"web/app{number:02}:1", "one", number) for number in range(count)))
