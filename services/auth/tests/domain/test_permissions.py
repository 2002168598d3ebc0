"""Who may administer what: the original's matrix, minus its holes, as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from portus_auth.domain import permissions
from portus_auth.domain.actors import ANONYMOUS, Actor
from portus_auth.domain.roles import Role, Visibility

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
# What is asked, and who may: one letter for each of anonymous … admin.
TABLE: Final[list[tuple[str, Callable[[Actor, Role | None], bool], str]]] = [
    ("see and change accounts", lambda a, r: _P.may_manage_users(a), ".....Y"),
    ("see registries", lambda a, r: _P.may_manage_registries(a), ".....Y"),
    ("manage own tokens", lambda a, r: _P.may_manage_tokens(a, owner_id=7), ".YYYYY"),
    ("manage others' tokens", lambda a, r: _P.may_manage_tokens(a, owner_id=8), ".....Y"),
    ("create a team", lambda a, r: _P.may_create_team(a, owner_id=None), ".YYYYY"),
    ("create a team for others", lambda a, r: _P.may_create_team(a, owner_id=8), ".....Y"),
    ("see a team", lambda a, r: _P.may_see_team(a, r, hidden=False), "..YYYY"),
    ("see a hidden team", lambda a, r: _P.may_see_team(a, r, hidden=True), "......"),
    ("manage a team", lambda a, r: _P.may_manage_team(a, r, hidden=False), "....YY"),
    ("manage a hidden team", lambda a, r: _P.may_manage_team(a, r, hidden=True), "......"),
    ("create a namespace", lambda a, r: _P.may_create_namespace(a, r, hidden=False), "...YYY"),
    (
        "create one in a hidden team",
        lambda a, r: _P.may_create_namespace(a, r, hidden=True),
        "......",
    ),
    ("move a namespace here", lambda a, r: _P.may_transfer_to(a, r, hidden=False), "...YYY"),
    ("move one into a hidden team", lambda a, r: _P.may_transfer_to(a, r, hidden=True), "......"),
    ("describe a namespace", _P.may_manage_namespace, "....YY"),
    ("delete a namespace", _P.may_delete_namespace, "....YY"),
    ("adopt a held name", lambda a, r: _P.may_adopt_namespace(a), ".....Y"),
    ("change visibility", lambda a, r: _P.may_change_visibility(a, r, is_global=False), "....YY"),
    (
        "change the global one's",
        lambda a, r: _P.may_change_visibility(a, r, is_global=True),
        ".....Y",
    ),
    ("see private", lambda a, r: _P.may_see_namespace(a, r, Visibility.PRIVATE), "..YYYY"),
    ("see protected", lambda a, r: _P.may_see_namespace(a, r, Visibility.PROTECTED), ".YYYYY"),
    ("see public", lambda a, r: _P.may_see_namespace(a, r, Visibility.PUBLIC), "YYYYYY"),
]


@pytest.mark.parametrize(("what", "may", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_each_role_may_what_the_table_says(what: str, may: Any, expected: str) -> None:
    answers = {who: may(actor, role) for who, (actor, role) in _WHO.items()}
    wanted = dict(zip(_WHO, (letter == "Y" for letter in expected), strict=True))
    assert answers == wanted, what
