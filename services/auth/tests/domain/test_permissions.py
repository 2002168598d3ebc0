"""Who may administer what: the original's matrix, minus its holes, as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from portus_auth.domain import permissions
from portus_auth.domain.actors import ANONYMOUS, Actor
from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.rules import Rules

_USER: Final = Actor(kind="user", name="somebody", user_id=7)
_WHO: Final[dict[str, tuple[Actor, Role | None]]] = {
    "anonymous": (ANONYMOUS, None),
    "stranger": (_USER, None),
    "viewer": (_USER, Role.VIEWER),
    "contributor": (_USER, Role.CONTRIBUTOR),
    "owner": (_USER, Role.OWNER),
    "admin": (Actor(kind="user", name="root", user_id=1, admin=True), None),
}
_P: Final = permissions
_USUAL: Final = Rules()
_ADMINS: Final = Rules(
    create_team=False,
    manage_team=False,
    create_namespace=False,
    manage_namespace=False,
    change_visibility=False,
)
_KEPT: Final = Rules(delete_images=False, contributors_delete=True)
_CONTRIBUTORS: Final = Rules(contributors_delete=True)
# What is asked, and who may: one letter for each of anonymous … admin.
TABLE: Final[list[tuple[str, Callable[[Actor, Role | None], bool], str]]] = [
    ("see and change accounts", lambda a, r: _P.may_manage_users(a), ".....Y"),
    ("see registries", lambda a, r: _P.may_manage_registries(a), ".....Y"),
    ("manage own tokens", lambda a, r: _P.may_manage_tokens(a, owner_id=7), ".YYYYY"),
    ("manage others' tokens", lambda a, r: _P.may_manage_tokens(a, owner_id=8), ".....Y"),
    ("create a team", lambda a, r: _P.may_create_team(a, _USUAL, owner_id=None), ".YYYYY"),
    ("create a team for others", lambda a, r: _P.may_create_team(a, _USUAL, owner_id=8), ".....Y"),
    ("see a team", lambda a, r: _P.may_see_team(a, r, hidden=False), "..YYYY"),
    ("see a hidden team", lambda a, r: _P.may_see_team(a, r, hidden=True), "......"),
    ("manage a team", lambda a, r: _P.may_manage_team(a, r, _USUAL, hidden=False), "....YY"),
    ("manage a hidden team", lambda a, r: _P.may_manage_team(a, r, _USUAL, hidden=True), "......"),
    (
        "create a namespace",
        lambda a, r: _P.may_create_namespace(a, r, _USUAL, hidden=False),
        "...YYY",
    ),
    (
        "create one in a hidden team",
        lambda a, r: _P.may_create_namespace(a, r, _USUAL, hidden=True),
        "......",
    ),
    (
        "move a namespace here",
        lambda a, r: _P.may_transfer_to(a, r, _USUAL, hidden=False),
        "...YYY",
    ),
    (
        "move one into a hidden team",
        lambda a, r: _P.may_transfer_to(a, r, _USUAL, hidden=True),
        "......",
    ),
    ("describe a namespace", lambda a, r: _P.may_manage_namespace(a, r, _USUAL), "....YY"),
    ("delete a namespace", lambda a, r: _P.may_delete_namespace(a, r, _USUAL), "....YY"),
    ("delete a team", lambda a, r: _P.may_delete_team(a, r, _USUAL, hidden=False), "....YY"),
    ("delete a hidden team", lambda a, r: _P.may_delete_team(a, r, _USUAL, hidden=True), "......"),
    ("know who may what", _P.may_audit_namespace, "....YY"),
    ("adopt a held name", lambda a, r: _P.may_adopt_namespace(a), ".....Y"),
    (
        "change visibility",
        lambda a, r: _P.may_change_visibility(a, r, _USUAL, is_global=False),
        "....YY",
    ),
    (
        "change the global one's",
        lambda a, r: _P.may_change_visibility(a, r, _USUAL, is_global=True),
        ".....Y",
    ),
    ("see private", lambda a, r: _P.may_see_namespace(a, r, Visibility.PRIVATE), "..YYYY"),
    ("see protected", lambda a, r: _P.may_see_namespace(a, r, Visibility.PROTECTED), ".YYYYY"),
    ("see public", lambda a, r: _P.may_see_namespace(a, r, Visibility.PUBLIC), "YYYYYY"),
]
# The same with the switches turned.
SWITCHED: Final[list[tuple[str, Callable[[Actor, Role | None], bool], str]]] = [
    ("create a team", lambda a, r: _P.may_create_team(a, _ADMINS, owner_id=None), ".....Y"),
    ("manage a team", lambda a, r: _P.may_manage_team(a, r, _ADMINS, hidden=False), ".....Y"),
    ("delete a team", lambda a, r: _P.may_delete_team(a, r, _ADMINS, hidden=False), "....YY"),
    (
        "create a namespace",
        lambda a, r: _P.may_create_namespace(a, r, _ADMINS, hidden=False),
        ".....Y",
    ),
    ("move one here", lambda a, r: _P.may_transfer_to(a, r, _ADMINS, hidden=False), ".....Y"),
    ("describe one", lambda a, r: _P.may_manage_namespace(a, r, _ADMINS), ".....Y"),
    (
        "change visibility",
        lambda a, r: _P.may_change_visibility(a, r, _ADMINS, is_global=False),
        ".....Y",
    ),
    ("delete none", lambda a, r: _P.may_delete_namespace(a, r, _KEPT), "......"),
    ("delete no team", lambda a, r: _P.may_delete_team(a, r, _KEPT, hidden=False), "......"),
    ("contributors too", lambda a, r: _P.may_delete_namespace(a, r, _CONTRIBUTORS), "...YYY"),
    (
        "contributors no team",
        lambda a, r: _P.may_delete_team(a, r, _CONTRIBUTORS, hidden=False),
        "....YY",
    ),
]
_ALL: Final = [*TABLE, *((f"{what}, switched", may, who) for what, may, who in SWITCHED)]


@pytest.mark.parametrize(("what", "may", "expected"), _ALL, ids=[row[0] for row in _ALL])
def test_each_role_may_what_the_table_says(what: str, may: Any, expected: str) -> None:
    answers = {who: may(actor, role) for who, (actor, role) in _WHO.items()}
    wanted = dict(zip(_WHO, (letter == "Y" for letter in expected), strict=True))
    assert answers == wanted, what
