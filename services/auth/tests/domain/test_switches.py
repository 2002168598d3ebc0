"""What the installation's switches do to the matrix of pull, push and delete."""

from typing import Final

import pytest
from services.auth.tests.domain.test_policy import ACTORS, LETTERS

from portus_auth.domain.explain import explain
from portus_auth.domain.policy import SYNC, Action, ActorFacts, NamespaceFacts, allowed_actions
from portus_auth.domain.roles import Visibility
from portus_auth.domain.rules import PushPolicy, Rules

TEAM: Final = NamespaceFacts(visibility=Visibility.PRIVATE, team_id=7)
PERSONAL: Final = NamespaceFacts(
    visibility=Visibility.PRIVATE, team_id=7, personal_owner=ACTORS["owner"].name
)
GLOBAL: Final = NamespaceFacts(visibility=Visibility.PUBLIC, team_id=9, is_global=True)
PERSONAL_ONLY: Final = Rules(push_images=PushPolicy.ALLOW_PERSONAL)
ADMIN_ONLY: Final = Rules(push_images=PushPolicy.ADMIN_ONLY)
NO_DELETION: Final = Rules(delete_images=False, contributors_delete=True)
CONTRIBUTORS: Final = Rules(contributors_delete=True)
# Who may what: anonymous, stranger, viewer, contributor, owner, admin.
TABLE: Final = [
    ("allow-personal, team", PERSONAL_ONLY, TEAM, ("", "", "p", "p", "pd", "pwd")),
    ("allow-personal, personal", PERSONAL_ONLY, PERSONAL, ("", "", "p", "p", "pwd", "pwd")),
    ("allow-personal, global", PERSONAL_ONLY, GLOBAL, ("p", "p", "p", "p", "p", "pwd")),
    ("admin-only, team", ADMIN_ONLY, TEAM, ("", "", "p", "p", "pd", "pwd")),
    ("admin-only, personal", ADMIN_ONLY, PERSONAL, ("", "", "p", "p", "pd", "pwd")),
    ("no deletion, team", NO_DELETION, TEAM, ("", "", "p", "pw", "pw", "pw")),
    ("no deletion, personal", NO_DELETION, PERSONAL, ("", "", "p", "pw", "pw", "pw")),
    ("contributors delete, team", CONTRIBUTORS, TEAM, ("", "", "p", "pwd", "pwd", "pwd")),
    ("contributors delete, global", CONTRIBUTORS, GLOBAL, ("p", "p", "p", "p", "p", "pwd")),
]


@pytest.mark.parametrize(
    ("rules", "namespace", "row"), [each[1:] for each in TABLE], ids=[each[0] for each in TABLE]
)
def test_matrix_under_a_switch(
    rules: Rules, namespace: NamespaceFacts, row: tuple[str, ...]
) -> None:
    expected = {
        who: {LETTERS[letter] for letter in letters}
        for who, letters in zip(ACTORS, row, strict=True)
    }
    found = {who: allowed_actions(actor, namespace, rules) for who, actor in ACTORS.items()}
    assert found == expected


@pytest.mark.parametrize("rules", [ADMIN_ONLY, NO_DELETION])
def test_sync_tidies_up_whatever_is_switched_off(rules: Rules) -> None:
    sync = ActorFacts(kind="service", name=SYNC)
    assert allowed_actions(sync, TEAM, rules) == set(Action)


@pytest.mark.parametrize(
    ("who", "action", "rules", "switch"),
    [
        ("owner", Action.PUSH, ADMIN_ONLY, "push_images"),
        ("contributor", Action.PUSH, PERSONAL_ONLY, "push_images"),
        ("viewer", Action.PUSH, ADMIN_ONLY, None),
        ("admin", Action.DELETE, NO_DELETION, "delete_images"),
        ("stranger", Action.DELETE, NO_DELETION, None),
    ],
)
def test_explanation_names_the_switch_that_keeps_somebody_from_acting(
    who: str, action: Action, rules: Rules, switch: str | None
) -> None:
    assert explain(ACTORS[who], TEAM, action, rules).withheld_by == switch
