"""A credential's scopes only take away, whoever its owner is."""

from hypothesis import given, strategies as st
from services.auth.tests.domain.test_policy import NAMESPACES, PEOPLE

from portus_auth.domain.limits import (
    leave_the_catalog,
    seen_namespaces,
    within,
    within_namespace,
)
from portus_auth.domain.policy import Action, ActorFacts, NamespaceFacts, allowed_actions
from portus_auth.domain.rules import Rules
from portus_shared.names import namespace_of
from portus_shared.scopes import Scope

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
