"""How many robots there may be is a setting."""

from __future__ import annotations

import pytest
from services.auth.tests.people import People, created

ROBOTS = "/api/v1/robots"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "PORTUS_ROBOTS_PER_NAMESPACE": "2"}


def test_a_namespace_and_everywhere_have_as_many_robots_as_the_setting_says(
    people: People,
) -> None:
    people.team("ours", alice="owner")
    people.namespace("shop", "ours")
    people.namespace("depot", "ours")
    for home, permission, who in (
        ("shop", "shop/*:pull", people["alice"]),
        ("depot", "depot/*:pull", people["alice"]),
        (None, "shop/*:pull", people.root),
    ):
        body = {"namespace": home, "permissions": [permission]}
        ids = [created(who.post(ROBOTS, json=body | {"name": name}))["id"] for name in "ab"]
        refused = who.post(ROBOTS, json=body | {"name": "c"})
        where = f"of {home}" if home else "without a namespace"
        said = (
            f"2 robots {where} are all that PORTUS_ROBOTS_PER_NAMESPACE allows: "
            "delete one that is not used"
        )
        assert (refused.status_code, refused.json["message"]) == (422, {"namespace": [said]})
        assert who.delete(f"{ROBOTS}/{ids[0]}").status_code == 204
        created(who.post(ROBOTS, json=body | {"name": "c"}))
