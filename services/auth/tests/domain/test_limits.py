"""A credential's scopes only take away, whoever its owner is."""

import pytest
from hypothesis import given, strategies as st
from services.auth.tests.domain.test_policy import NAMESPACES, PEOPLE

from portus_auth.domain.limits import (
    faults_of_narrowing,
    leave_the_catalog,
    seen_namespaces,
    within,
    within_namespace,
)
from portus_auth.domain.policy import Action, ActorFacts, NamespaceFacts, allowed_actions
from portus_auth.domain.rules import Rules
from portus_shared.names import namespace_of
from portus_shared.scopes import Scope, parse

REPOSITORIES = st.sampled_from(["app", "team/app", "team/app/web", "team/other", "else/app"])
PATTERNS = ["*", "_/*", "app", "team/*", "team/app", "team/app/*", "else/*"]
SCOPES = st.builds(
    Scope,
    pattern=st.sampled_from(PATTERNS),
    actions=st.frozensets(st.sampled_from(["pull", "push", "delete"])),
)
LIMITS = st.none() | st.lists(SCOPES, max_size=3)


@given(PEOPLE, NAMESPACES, LIMITS, REPOSITORIES)
def test_scopes_never_widen_what_the_policy_grants(
    actor: ActorFacts, namespace: NamespaceFacts, limits: list[Scope] | None, repository: str
) -> None:
    policy = allowed_actions(actor, namespace, Rules())
    granted = within(limits, repository, policy)
    assert granted <= policy
    if limits is None:
        assert granted == policy
    for action in policy - granted:
        assert not any(action in each.actions and each.covers(repository) for each in limits or ())


@given(LIMITS, REPOSITORIES, st.frozensets(st.sampled_from(Action)))
def test_a_namespace_shows_no_more_than_its_repositories(
    limits: list[Scope] | None, repository: str, actions: frozenset[Action]
) -> None:
    name = namespace_of(repository)
    granted, seen = within(limits, repository, actions), seen_namespaces(limits)
    assert granted <= within_namespace(limits, name, actions) <= actions
    assert Action.PULL not in granted or seen is None or name in seen
    assert leave_the_catalog(limits) is (seen is None)


@pytest.mark.parametrize(
    ("former", "wanted", "is_narrower"),
    [
        (["team/*:pull,push"], ["team/app:push"], True),
        (["team/*:pull", "team/*:push"], ["team/a/b/*:pull,push"], True),
        (["team/app/*:pull"], ["team/app:pull", "team/app/x:pull", "team/app/x/*:pull"], True),
        (["*:pull"], ["team/*:pull", "_/*:pull", "app:pull", "*:pull"], True),
        (["_/*:pull"], ["app:pull"], True),
        (["team/*:pull"], ["team/*:push"], False),
        (["team/app:pull"], ["team/app/*:pull"], False),
        (["team/app/*:pull"], ["team/*:pull"], False),
        (["team/app/*:pull"], ["team/apple:pull"], False),
        (["team/*:pull"], ["teams/app:pull"], False),
        (["team/*:pull", "_/*:pull"], ["*:pull"], False),
    ],
)
def test_scopes_are_narrower_when_nothing_is_added(
    former: list[str], wanted: list[str], is_narrower: bool
) -> None:
    limits = [parse(text) for text in former]
    faults = faults_of_narrowing(limits, [parse(text) for text in wanted])
    assert (faults == []) is is_narrower
    assert faults_of_narrowing(None, limits) == []
    assert faults_of_narrowing(limits, None) != []


@given(former=LIMITS, wanted=LIMITS, repository=REPOSITORIES)
def test_narrower_scopes_leave_no_more_of_any_repository(
    former: list[Scope] | None, wanted: list[Scope] | None, repository: str
) -> None:
    everything = frozenset(Action)
    if not faults_of_narrowing(former, wanted):
        left = within(wanted, repository, everything)
        assert left <= within(former, repository, everything)
