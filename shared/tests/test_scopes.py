"""The grammar of what credentials are limited to."""

import pytest
from hypothesis import given, strategies as st

from portus_shared.scopes import ACTIONS, Scope, actions_on, lies_below, parse, written

REPOSITORIES = ("app", "team", "team/app", "team/app/web", "team/application", "other/app")
COVERED = {
    "*": set(REPOSITORIES),
    "_/*": {"app", "team"},
    "app": {"app"},
    "team": {"team"},
    "team/*": {"team/app", "team/app/web", "team/application"},
    "team/app": {"team/app"},
    "team/app/*": {"team/app", "team/app/web"},
    "team/app/web/*": {"team/app/web"},
    "app/*": set(),
}


@pytest.mark.parametrize("pattern", COVERED)
def test_a_pattern_covers_what_it_says(pattern: str) -> None:
    scope = parse(f"{pattern}:pull")
    assert {name for name in REPOSITORIES if scope.covers(name)} == COVERED[pattern]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("team/app", "must be written pattern:actions"),
        ("", "must be written pattern:actions"),
        (":pull", "must be a repository"),
        ("Team/app:pull", "must be a repository"),
        ("team/**:pull", "must be a repository"),
        ("*/app:pull", "must be a repository"),
        ("te*m/app:pull", "must be a repository"),
        ("team/:pull", "must be a repository"),
        ("_/app:pull", "must be a repository"),
        ("_:pull", "must be a repository"),
        ("/*:pull", "must be a repository"),
        ("team/_/*:pull", "must be a repository"),
        (f"{'a' * 255}:pull", "must be a repository"),
        ("team/*:", "must be some of"),
        ("team/*:pull,*", "must be some of"),
        ("team/*:admin", "must be some of"),
        ("team/*:PULL", "must be some of"),
    ],
)
def test_what_is_no_scope_is_told(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse(text)


def test_a_star_stands_for_all_actions() -> None:
    assert written(parse(" team/*:* ")) == "team/*:pull,push,delete"


COMPONENTS = st.sampled_from(["a", "b", "a-b", "c.d"])
PATHS = st.lists(COMPONENTS, min_size=1, max_size=4).map("/".join)
SCOPES = st.builds(
    Scope,
    pattern=st.just("*") | PATHS | PATHS.map("{}/*".format) | st.just("_/*"),
    actions=st.frozensets(st.sampled_from(ACTIONS), min_size=1),
)


@given(SCOPES)
def test_a_scope_reads_as_it_was_written(scope: Scope) -> None:
    assert parse(written(scope)) == scope


@given(st.lists(SCOPES, max_size=4), PATHS)
def test_scopes_add_up_and_each_action_is_covered_by_one(scopes: list[Scope], name: str) -> None:
    together = actions_on(scopes, name)
    assert together == {a for each in scopes for a in each.actions if each.covers(name)}


@given(PATHS, PATHS)
def test_what_lies_below_a_path_begins_with_its_components(prefix: str, path: str) -> None:
    parts = prefix.split("/")
    assert lies_below(prefix, path) is (path.split("/")[: len(parts)] == parts)
    assert lies_below(f"={prefix}", path) is (prefix == path)
