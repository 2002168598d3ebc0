import pytest
from hypothesis import given, strategies as st

from portus_auth.domain.explain import explain, fits
from portus_auth.domain.policy import (
    SYNC,
    Action,
    ActorFacts,
    NamespaceFacts,
    allowed_actions,
    grants,
    may_list_catalog,
)
from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.rules import PushPolicy, Rules

TEAM = 7
ACTORS = {
    "anonymous": ActorFacts(kind="anonymous"),
    "stranger": ActorFacts(kind="user", name="eve", roles={8: Role.OWNER}),
    "viewer": ActorFacts(kind="user", name="vic", roles={TEAM: Role.VIEWER}),
    "contributor": ActorFacts(kind="user", name="carl", roles={TEAM: Role.CONTRIBUTOR}),
    "owner": ActorFacts(kind="user", name="olga", roles={TEAM: Role.OWNER}),
    "admin": ActorFacts(kind="user", name="ada", admin=True),
}
USUAL = Rules()
LETTERS = {"p": Action.PULL, "w": Action.PUSH, "d": Action.DELETE}


def _namespace(name: str) -> NamespaceFacts:
    kind, _, visibility = name.partition(" ")
    return NamespaceFacts(
        visibility=Visibility(visibility),
        team_id=TEAM,
        is_global=kind == "global",
        personal_owner="olga" if kind == "personal" else None,
    )


# The original's matrix. p: pull, w: push (write), d: delete.
MATRIX = {
    #                     anonymous stranger viewer contributor owner admin
    "team private":      ("",       "",      "p",   "pw",       "pwd", "pwd"),
    "team protected":    ("",       "p",     "p",   "pw",       "pwd", "pwd"),
    "team public":       ("p",      "p",     "p",   "pw",       "pwd", "pwd"),
    "personal private":  ("",       "",      "p",   "pw",       "pwd", "pwd"),
    "personal public":   ("p",      "p",     "p",   "pw",       "pwd", "pwd"),
    "global public":     ("p",      "p",     "p",   "p",        "p",   "pwd"),
    "global protected":  ("",       "p",     "p",   "p",        "p",   "pwd"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("namespace", "actor", "letters"),
    [
        (namespace, actor, letters)
        for namespace, row in MATRIX.items()
        for actor, letters in zip(ACTORS, row, strict=True)
    ],
)
def test_matrix(namespace: str, actor: str, letters: str) -> None:
    expected = {LETTERS[letter] for letter in letters}
    assert allowed_actions(ACTORS[actor], _namespace(namespace), USUAL) == expected


def test_owner_of_a_personal_namespace_needs_no_team() -> None:
    namespace = NamespaceFacts(visibility=Visibility.PRIVATE, team_id=1, personal_owner="olga")
    assert allowed_actions(ActorFacts(kind="user", name="olga"), namespace, USUAL) == set(Action)


@pytest.mark.parametrize("actor", ACTORS)
def test_unknown_namespace_is_nobodys(actor: str) -> None:
    assert allowed_actions(ACTORS[actor], None, USUAL) == set()


def test_sync_may_do_everything_and_tidy_up_where_nobody_owns() -> None:
    sync = ActorFacts(kind="service", name=SYNC)
    assert allowed_actions(sync, _namespace("team private"), USUAL) == set(Action)
    assert allowed_actions(sync, None, USUAL) == {Action.PULL, Action.DELETE}


def test_no_other_service_may_do_anything() -> None:
    ui = ActorFacts(kind="service", name="_ui", admin=True)
    assert allowed_actions(ui, _namespace("team public"), USUAL) == set()
    assert not may_list_catalog(ui)


def test_person_named_like_the_service_is_not_it() -> None:
    assert allowed_actions(ActorFacts(kind="user", name=SYNC), None, USUAL) == set()
    assert not may_list_catalog(ActorFacts(kind="user", name=SYNC))


@pytest.mark.parametrize(
    ("actor", "listed"),
    [(ACTORS[name], name == "admin") for name in ACTORS]
    + [(ActorFacts(kind="service", name=SYNC), True)],
)
def test_catalogue_is_for_admins_and_sync(actor: ActorFacts, listed: bool) -> None:
    assert may_list_catalog(actor) is listed


def test_disabled_admin_may_nothing() -> None:
    disabled = ActorFacts(kind="user", name="ada", admin=True, enabled=False)
    assert allowed_actions(disabled, _namespace("team public"), USUAL) == set()
    assert not may_list_catalog(disabled)


TEAMS = st.integers(1, 3)
NAMES = st.sampled_from(["ada", "eve", "olga"])
PEOPLE = st.builds(
    ActorFacts,
    kind=st.sampled_from(["user", "robot"]),
    name=NAMES,
    enabled=st.booleans(),
    admin=st.booleans(),
    roles=st.dictionaries(TEAMS, st.sampled_from(Role)),
)
NAMESPACES = st.builds(
    NamespaceFacts,
    visibility=st.sampled_from(Visibility),
    team_id=TEAMS,
    is_global=st.booleans(),
    personal_owner=st.none() | NAMES,
)


RULES = st.builds(
    Rules,
    push_images=st.sampled_from(PushPolicy),
    delete_images=st.booleans(),
    contributors_delete=st.booleans(),
)


@given(PEOPLE | st.just(ACTORS["anonymous"]), NAMESPACES, RULES)
def test_grants_say_what_the_policy_decides(
    actor: ActorFacts, namespace: NamespaceFacts, rules: Rules
) -> None:
    fitting = [grant.actions for grant in grants(namespace, rules) if fits(grant, actor)]
    expected = frozenset().union(*fitting) if actor.enabled else frozenset()
    assert allowed_actions(actor, namespace, rules) == expected


@given(
    PEOPLE | st.just(ACTORS["anonymous"]), st.none() | NAMESPACES, st.sampled_from(Action), RULES
)
def test_explanations_say_what_the_policy_decides(
    actor: ActorFacts, namespace: NamespaceFacts | None, action: Action, rules: Rules
) -> None:
    found = explain(actor, namespace, action, rules)
    assert found.allowed is (action in allowed_actions(actor, namespace, rules))
    assert not (found.granted_by and (found.needed or found.withheld_by))
    nobody = action is Action.DELETE and not rules.delete_images
    assert bool(found.granted_by or found.needed) is (namespace is not None and not nobody)


@given(PEOPLE, NAMESPACES, RULES)
def test_push_and_delete_come_with_pull(
    actor: ActorFacts, namespace: NamespaceFacts, rules: Rules
) -> None:
    actions = allowed_actions(actor, namespace, rules)
    assert not actions or Action.PULL in actions


@given(PEOPLE | st.just(ACTORS["anonymous"]), NAMESPACES, RULES)
def test_switches_take_nobodys_pull_and_give_deletion_to_contributors_alone(
    actor: ActorFacts, namespace: NamespaceFacts, rules: Rules
) -> None:
    usual = allowed_actions(actor, namespace, USUAL)
    actions = allowed_actions(actor, namespace, rules)
    assert (Action.PULL in actions) is (Action.PULL in usual)
    role = actor.roles.get(namespace.team_id)
    extra = {Action.DELETE} if role is Role.CONTRIBUTOR and rules.contributors_delete else set()
    assert actions <= usual | extra
