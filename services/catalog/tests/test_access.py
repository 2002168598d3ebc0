"""Who sees what: the matrix, and that lists, single things and counts never disagree."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import (
    TEAM_ID,
    grant,
    namespace,
    observed,
    pushed,
    registry,
    team,
)

from portus_shared.contracts import auth

PEOPLE = {"": "anonymous", "sam": "stranger", "vera": "viewer", "carl": "contributor"}
PEOPLE |= {"olga": "owner", "root": "admin"}
EVERYBODY = set(PEOPLE.values())
MEMBERS = {"viewer", "contributor", "owner", "admin"}
SEES = {"private": MEMBERS, "protected": MEMBERS | {"stranger"}, "public": EVERYBODY}
ACTIONS = {
    "anonymous": ["pull"],
    "stranger": ["pull"],
    "viewer": ["pull"],
    "contributor": ["pull", "push"],
    "owner": ["delete", "pull", "push"],
    "admin": ["delete", "pull", "push"],
}


def test_the_matrix(catalogue: Catalogue) -> None:
    catalogue.hears(registry(), team())
    for number, visibility in enumerate(SEES):
        catalogue.hears(
            namespace(visibility, visibility, namespace_id=number + 1),
            pushed(f"{visibility}/app:1", "one", number + 1),
        )
    everything = {item["full_name"]: item for item in catalogue.gets("/api/v1/repositories")}
    tags = {item["id"] for item in catalogue.gets("/api/v1/tags")}
    assert len(tags) == 3
    for (who, role), (visibility, may) in itertools.product(PEOPLE.items(), SEES.items()):
        identity = everything[f"{visibility}/app"]["id"]
        _assert_sees(catalogue, who, identity, visibility, expected=role in may)
        if role in may:
            assert catalogue.repository(f"{visibility}/app", who)["actions"] == ACTIONS[role]


def _assert_sees(
    catalogue: Catalogue, who: str, identity: int, space: str, *, expected: bool
) -> None:
    name = f"{space}/app"
    listed = catalogue.gets("/api/v1/repositories", who, all="true")
    assert (name in [item["full_name"] for item in listed]) is expected
    assert bool(catalogue.gets("/api/v1/repositories", who, q=space)) is expected
    assert bool(catalogue.gets("/api/v1/repositories", who, namespace=space)) is expected
    counts = catalogue.gets("/api/v1/repositories/counts", who)
    assert (space in [item["namespace"] for item in counts]) is expected
    activities = catalogue.gets("/api/v1/activities", who)["items"]
    assert (name in [item["repository"] for item in activities]) is expected
    (space_id,) = {n + 1 for n, visibility in enumerate(SEES) if visibility == space}
    for path in ("", "/tags", "/tags/grouped", "/images", "/manifests/sha256:" + "0" * 64):
        status = catalogue.asks(f"/api/v1/repositories/{identity}{path}", who).status_code
        found = 404 if path.startswith("/manifests") else 200
        assert status == (found if expected else 404), path
    inside = catalogue.asks(f"/api/v1/namespaces/{space_id}/repositories", who)
    assert inside.status_code == (200 if expected else 404)
    tag = catalogue.asks(f"/api/v1/tags/{identity}", who).status_code
    assert tag == (200 if expected else 404)


@pytest.mark.parametrize("who", ["", "sam", "olga"])
def test_only_admins_list_all_tags(catalogue: Catalogue, who: str) -> None:
    assert catalogue.asks("/api/v1/tags", who).status_code == 403


def test_nobody_sees_a_namespace_that_auth_does_not_know(catalogue: Catalogue) -> None:
    catalogue.hears(pushed("orphan/app:1", "one", 1))
    assert catalogue.gets("/api/v1/repositories", "root") == []


def test_a_disabled_user_is_only_the_public(catalogue: Catalogue) -> None:
    catalogue.hears(
        *(team(), namespace(), namespace("open", "public", namespace_id=4)),
        *(pushed("web/app:1", "one", 1), pushed("open/app:1", "one", 1)),
        auth.UserChanged(username="olga", kind="user", enabled=False, admin=False, revision=11),
    )
    seen = catalogue.gets("/api/v1/repositories", "olga")
    assert [item["full_name"] for item in seen] == ["open/app"]


def test_a_token_without_pull_sees_nothing_and_none_is_an_admin(catalogue: Catalogue) -> None:
    catalogue.hears(team(), namespace(), pushed("web/app:1", "one", 1))
    client = catalogue.app.test_client()

    def ask(path: str, scopes: list[str]) -> tuple[int, Any]:
        token = catalogue.token("olga", scopes=scopes)
        response = client.get(path, headers={"Authorization": f"Bearer {token}"})
        return response.status_code, response.json

    assert ask("/api/v1/repositories", ["*:push"]) == (200, [])
    _, found = ask("/api/v1/repositories", ["web/*:pull"])
    assert [repository["actions"] for repository in found] == [["pull"]]
    identity = found[0]["id"]
    token = catalogue.token("root", scopes=["*:*"])
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/tags", headers=headers).status_code == 403
    star = f"/api/v1/repositories/{identity}/star"
    token = catalogue.token("olga", scopes=["*:*"])
    headers = {"Authorization": f"Bearer {token}"}
    assert client.put(star, headers=headers).status_code == 403
    assert ask("/api/v1/repositories", ["what?"])[0] == 401


def _names(catalogue: Catalogue, who: str, *scopes: str, query: str = "") -> set[str]:
    token = catalogue.token(who, scopes=list(scopes))
    client = catalogue.app.test_client()
    path, headers = f"/api/v1/repositories?all=true&{query}", {"Authorization": f"Bearer {token}"}
    return {item["full_name"] for item in client.get(path, headers=headers).json or []}


@pytest.mark.parametrize(
    ("scopes", "seen"),
    [
        (["*:pull"], {"web/a", "web/a/b", "web/a/b/c", "web/a_b", "app"}),
        (["web/*:pull"], {"web/a", "web/a/b", "web/a/b/c", "web/a_b"}),
        (["web/a:pull"], {"web/a"}),
        (["web/a/*:pull"], {"web/a", "web/a/b", "web/a/b/c"}),
        (["web/a/b:pull", "app:pull"], {"web/a/b", "app"}),
        (["_/*:pull"], {"app"}),
        (["web/a:push", "web/a/b:delete"], set()),
        (["other/*:pull"], set()),
    ],
)
def test_a_token_with_scopes_shows_what_they_cover(
    catalogue: Catalogue, scopes: list[str], seen: set[str]
) -> None:
    catalogue.hears(team(), namespace(), namespace("_", "public", namespace_id=9))
    catalogue.hears(
        auth.UserChanged(username="ada", kind="user", enabled=True, admin=True, revision=1)
    )
    for number, name in enumerate(["web/a", "web/a/b", "web/a/b/c", "web/a_b", "app"]):
        catalogue.hears(pushed(f"{name}:1", name, number))
    for who in ("vera", "ada"):
        assert _names(catalogue, who, *scopes) == seen
    assert _names(catalogue, "sam", *scopes) == seen & {"app"}


def test_a_grant_on_one_path_alone_does_not_reach_below(catalogue: Catalogue) -> None:
    extra = [grant("robot", "robot/ci", "pull", prefix="=a"), grant("user", "sam", "pull")]
    catalogue.hears(team(), namespace(extra=extra), namespace("open", "protected", namespace_id=4))
    for number, name in enumerate(["web/a", "web/a/b", "web/ab", "open/app"]):
        catalogue.hears(pushed(f"{name}:1", name, number))
    token = catalogue.token("robot/ci", kind="robot")
    headers = {"Authorization": f"Bearer {token}"}
    found = catalogue.app.test_client().get("/api/v1/repositories", headers=headers).json or []
    assert [item["full_name"] for item in found] == ["web/a"]


def test_a_grant_on_a_path_covers_what_lies_below_it(catalogue: Catalogue) -> None:
    extra = [grant("user", "sam", "pull", prefix="tools")]
    catalogue.hears(team(), namespace(extra=extra))
    for number, name in enumerate(["tools", "tools/one", "tools-not", "toolsmith", "app"]):
        catalogue.hears(pushed(f"web/{name}:1", name, number))
    seen = catalogue.gets("/api/v1/repositories", "sam", sort_attr="full_name")
    assert [item["full_name"] for item in seen] == ["web/tools", "web/tools/one"]


actions = st.lists(st.sampled_from(["pull", "push", "delete"]), unique=True)
subjects = st.sampled_from(
    [
        ("anonymous", ""),
        ("user", "*"),
        ("user", "sam"),
        ("user", "vera"),
        ("team_role", f"{TEAM_ID}:viewer"),
        ("team_role", f"{TEAM_ID}:owner"),
        ("team_role", "99:viewer"),
        ("admin", ""),
        ("robot", "sam"),
    ]
)
grants = st.lists(
    st.builds(
        lambda subject, may, prefix: grant(*subject, *may, prefix=prefix),
        subjects,
        actions,
        st.sampled_from(["", "a", "=a", "a/b", "=a/b", "a_b"]),
    ),
    max_size=5,
)
REVISIONS = itertools.count(100)
PATHS = ("a", "a/b", "a/b/c", "a_b", "axb", "ab")


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(grants)
def test_list_show_count_and_actions_agree(
    catalogue: Catalogue, given_grants: list[auth.Grant]
) -> None:
    if not catalogue.published():
        catalogue.hears(registry(), team())
        for number, path in enumerate(PATHS):
            catalogue.hears(observed(f"web/{path}", {"1": path}, number))
    state = auth.NamespaceChanged(
        registry="default",
        namespace_id=3,
        namespace="web",
        team_id=TEAM_ID,
        visibility="private",
        description="",
        revision=next(REVISIONS),
        grants=tuple(given_grants),
    )
    catalogue.hears(state)
    for who in PEOPLE:
        listed = catalogue.gets("/api/v1/repositories", who, all="true")
        assert all("pull" in item["actions"] for item in listed)
        counted = catalogue.gets("/api/v1/repositories/counts", who)
        assert sum(item["repositories"] for item in counted) == len(listed)
        response = catalogue.asks("/api/v1/repositories", who)
        assert response.headers["X-Total"] == str(len(listed))
        ids = {item["id"] for item in listed}
        for identity in range(1, len(PATHS) + 1):
            shown = catalogue.asks(f"/api/v1/repositories/{identity}", who).status_code
            assert (shown == 200) is (identity in ids)
        enters = catalogue.asks("/api/v1/namespaces/3/repositories", who).status_code
        assert enters == 200 or not ids
