"""Robots in the policy, and the grammar of their names."""

import pytest
from hypothesis import given, strategies as st
from services.auth.tests.domain.test_policy import LETTERS, RULES, TEAM, USUAL

from portus_auth.domain.accounts import faults_of_username
from portus_auth.domain.explain import explain, fits, reaches
from portus_auth.domain.policy import (
    Action,
    ActorFacts,
    NamespaceFacts,
    allowed_actions,
    grants,
    may_list_catalog,
)
from portus_auth.domain.robots import faults_of_permissions, faults_of_robot, full_name
from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.rules import PushPolicy, Rules
from portus_shared.scopes import parse

OWN = "team/app:pull,push"


def _robot(*permissions: str, is_global: bool = False) -> ActorFacts:
    scopes = tuple(parse(each) for each in permissions)
    return ActorFacts(
        kind="robot", name="robot/team/ci", permissions=scopes, is_global=is_global, admin=True
    )


def _namespace(visibility: str, *, personal_owner: str | None = None) -> NamespaceFacts:
    return NamespaceFacts(
        visibility=Visibility(visibility), team_id=TEAM, name="team", personal_owner=personal_owner
    )


@pytest.mark.parametrize(
    ("permissions", "repository", "visibility", "letters"),
    [
        ([OWN], "team/app", "private", "pw"),
        ([OWN], "team/app/x", "private", ""),
        ([OWN], "team/other", "private", ""),
        ([OWN], "team/other", "protected", ""),
        ([OWN], "team/other", "public", "p"),
        (["team/*:*"], "team/a/b", "private", "pwd"),
        (["team/a/*:pull", "team/a/b:push"], "team/a/b", "private", "pw"),
        (["team/a/*:pull", "team/a/b:push"], "team/a/c", "private", "p"),
        (["*:delete"], "team/app", "private", "d"),
        (["other/*:*"], "team/app", "private", ""),
        ([], "team/app", "public", "p"),
    ],
)
def test_a_robot_may_what_it_is_permitted_and_what_is_public(
    permissions: list[str], repository: str, visibility: str, letters: str
) -> None:
    expected = {LETTERS[letter] for letter in letters}
    robot = _robot(*permissions)
    assert allowed_actions(robot, _namespace(visibility), USUAL, repository) == expected


@pytest.mark.parametrize(
    ("policy", "own", "personal", "everywhere"),
    [
        (PushPolicy.ALLOW_TEAMS, "pwd", "pwd", "pwd"),
        (PushPolicy.ALLOW_PERSONAL, "pd", "pwd", "pwd"),
        (PushPolicy.ADMIN_ONLY, "pd", "pd", "pwd"),
    ],
)
def test_a_robot_may_no_more_than_who_made_it(
    policy: PushPolicy, own: str, personal: str, everywhere: str
) -> None:
    rules, mine = Rules(push_images=policy), _namespace("private")
    of_olga = _namespace("private", personal_owner="olga")

    def letters(robot: ActorFacts, namespace: NamespaceFacts) -> set[str]:
        allowed = allowed_actions(robot, namespace, rules, "team/app")
        return {letter for letter, action in LETTERS.items() if action in allowed}

    assert letters(_robot("team/*:*"), mine) == set(own)
    assert letters(_robot("team/*:*"), of_olga) == set(personal)
    assert letters(_robot("*:*", is_global=True), mine) == set(everywhere)
    assert Action.DELETE not in allowed_actions(
        _robot("*:*", is_global=True), mine, Rules(delete_images=False), "team/app"
    )


def test_a_robot_lists_no_catalogue_and_needs_a_namespace() -> None:
    assert not may_list_catalog(_robot("*:*", is_global=True))
    assert allowed_actions(_robot("*:*", is_global=True), None, USUAL, "team/app") == set()


PATTERNS = st.sampled_from(["*", "team/*", "team/a", "team/a/*", "team/a/b", "other/*", "a"])
ACTIONS = st.sets(st.sampled_from(["pull", "push", "delete"]), min_size=1)
ROBOTS = st.builds(
    lambda given, is_global, enabled: ActorFacts(
        kind="robot",
        name="robot/ci",
        enabled=enabled,
        roles={TEAM: Role.OWNER},
        admin=True,
        permissions=tuple(parse(f"{name}:{','.join(may)}") for name, may in given),
        is_global=is_global,
    ),
    st.lists(st.tuples(PATTERNS, ACTIONS), max_size=4),
    st.booleans(),
    st.booleans(),
)
PLACES = st.builds(
    NamespaceFacts,
    visibility=st.sampled_from(Visibility),
    team_id=st.just(TEAM),
    personal_owner=st.none() | st.just("olga"),
    name=st.just("team"),
)
REPOSITORIES = st.sampled_from(["team/a", "team/a/b", "team/a/b/c", "team/ab", "team/other"])


@given(ROBOTS, PLACES, RULES, REPOSITORIES, st.sampled_from(Action))
def test_policy_grants_and_explanation_say_the_same(
    robot: ActorFacts, place: NamespaceFacts, rules: Rules, repository: str, action: Action
) -> None:
    allowed = allowed_actions(robot, place, rules, repository)
    given_here = [each for each in grants(place, rules, [robot]) if reaches(each, repository)]
    fitting = [each.actions for each in given_here if fits(each, robot)]
    assert allowed == (frozenset().union(*fitting) if robot.enabled else frozenset())
    assert explain(robot, place, action, rules, repository).allowed is (action in allowed)
    assert allowed <= allowed_actions(robot, place, rules)
    own = [each for each in grants(place, rules, [robot]) if each.subject_kind == "robot"]
    assert len({each.path_prefix for each in own}) == len(own)
    for action_ in allowed - ({Action.PULL} if place.visibility is Visibility.PUBLIC else set()):
        assert any(action_ in p.actions and p.covers(repository) for p in robot.permissions)


@given(st.text(min_size=1, max_size=20), st.none() | st.sampled_from(["team", "a.b"]))
def test_no_person_and_no_other_robot_has_a_robot_s_name(text: str, namespace: str | None) -> None:
    name = full_name(namespace, text)
    assert faults_of_username(name)
    if not faults_of_robot(namespace, text):
        assert name.isascii()
        assert not set(name) & set(":$ \"'\\@,+%")
        assert name.count("/") == (1 if namespace is None else 2)


def test_a_namespace_s_robot_stays_in_it() -> None:
    inside, outside = [parse("team/*:*"), parse("team/a:pull")], [parse("*:pull"), parse("a:pull")]
    assert faults_of_permissions("team", inside) == []
    assert len(faults_of_permissions("team", [*inside, *outside])) == 2
    assert faults_of_permissions(None, [*inside, *outside]) == []
    assert faults_of_permissions(None, []) == ["can't be blank"]
