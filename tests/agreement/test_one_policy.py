"""One policy: the realm grants, the explanation says and the catalogue lists the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import Phase, example, given, settings, strategies as st
from tests.agreement.house import PERSONS, TEAMS, Arrangement, House

ROLES = ("viewer", "contributor", "owner")
MEMBERSHIPS = [(team, person) for team in TEAMS for person in PERSONS]
VISIBILITIES = st.sampled_from(["private", "protected", "public"])
ARRANGEMENTS = st.builds(
    Arrangement,
    visibilities=st.fixed_dictionaries(
        {
            "shop": VISIBILITIES,
            "depot": VISIBILITIES,
            "ada": VISIBILITIES,
            "_": st.sampled_from(["protected", "public"]),
        }
    ),
    depot_team=st.sampled_from(TEAMS),
    roles=st.fixed_dictionaries({each: st.none() | st.sampled_from(ROLES) for each in MEMBERSHIPS}),
    enabled=st.fixed_dictionaries({person: st.integers(0, 3).map(bool) for person in PERSONS}),
    admin=st.fixed_dictionaries(
        {person: st.integers(0, 3).map(lambda each: each == 3) for person in PERSONS}
    ),
)
OPEN_HOUSE = Arrangement(
    visibilities={"shop": "public", "depot": "protected", "ada": "private", "_": "public"},
    depot_team="north",
    roles=dict.fromkeys(MEMBERSHIPS, "viewer"),
    enabled=dict.fromkeys(PERSONS, True),
    admin=dict.fromkeys(PERSONS, False),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()


# An arrangement takes half a second: shrinking one would take minutes.
@settings(max_examples=20, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(arrangement=ARRANGEMENTS)
@example(arrangement=OPEN_HOUSE)
def test_realm_explanation_and_catalogue_agree(house: House, arrangement: Arrangement) -> None:
    house.arrange(arrangement)
    for who in ("", *PERSONS, "root"):
        granted = house.granted(who)
        assert house.explained(who) == granted, who
        pullable = {name: actions for name, actions in granted.items() if "pull" in actions}
        assert house.listed(who) == pullable, who


PATTERNS = ("*", "shop/*", "shop/app", "shop/a/*", "shop/a", "depot/x", "_/*", "app", "ada/*")
SCOPES = st.lists(
    st.builds(
        "{}:{}".format,
        st.sampled_from(PATTERNS),
        st.sampled_from(["pull", "pull,push", "push", "*"]),
    ),
    min_size=1,
    max_size=3,
    unique=True,
)


@settings(max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate])
@given(scopes=SCOPES)
def test_they_agree_about_robots_and_tokens_with_scopes(house: House, scopes: list[str]) -> None:
    house.arrange(OPEN_HOUSE)
    robot, owner = house.permit(scopes), house.granted("root")
    granted = house.granted(robot)
    assert house.explained(robot) == granted
    assert house.listed(robot) == {each: may for each, may in granted.items() if "pull" in may}
    limited = house.limit("root", scopes)
    granted = house.granted(limited)
    assert house.listed(limited) == {each: may for each, may in granted.items() if "pull" in may}
    assert all(may <= owner[each] for each, may in granted.items())
    house.limit("bea", scopes)
    for each, may in house.granted("bea with scopes").items():
        assert may <= house.granted("bea")[each] & granted[each]


def test_the_house_tells_people_apart(house: House) -> None:
    """Whoever agrees with everybody has checked nothing."""
    house.arrange(OPEN_HOUSE)
    everybody = frozenset({"pull", "push", "delete"})
    assert house.listed("") == {name: {"pull"} for name in ("shop/app", "shop/a/b", "app")}
    assert house.listed("ada")["ada/app"] == everybody
    assert "ada/app" not in house.listed("bea")
    assert set(house.listed("robby")) == {"shop/app", "shop/a/b", "depot/x", "app"}
    assert "nowhere/x" not in house.listed("root")
