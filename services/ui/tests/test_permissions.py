"""Permissions as people choose them, and the scopes they stand for."""

from __future__ import annotations

import pytest

from portus_shared.errors import Rejected
from portus_ui.domain.permissions import Permission, permission_of, scopes_of, words_of


def chosen(may: str, where: str = "all", path: str = "") -> Permission:
    return Permission(may=may, where=where, path=path)


@pytest.mark.parametrize(
    ("home", "scope", "same"),
    [
        ("team", "team/*:pull,push", chosen("pull,push", path="team/")),
        ("team", "team/app:pull", chosen("pull", "one", "team/app")),
        ("team", "team/app/*:pull,push,delete", chosen("pull,push,delete", "below", "team/app")),
        (None, "*:pull", chosen("pull")),
        (None, "app:push", chosen("push", "one", "app")),
        (None, "team/*:pull", chosen("pull", "below", "team")),
        (None, "_/*:pull", chosen("pull", "below", "_")),
    ],
)
def test_a_scope_is_chosen_and_read_back(home: str | None, scope: str, same: Permission) -> None:
    assert permission_of(scope, home) == same
    assert scopes_of([same], home, "permissions") == [scope]


def test_what_allows_nothing_is_left_out_and_what_is_said_twice_said_once() -> None:
    rows = [chosen("pull"), chosen("", "one", "team/old"), chosen("pull", "all", "team/old")]
    assert scopes_of(rows, "team", "permissions") == ["team/*:pull"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (chosen(""), "Choose what it may do, and where."),
        (chosen("pull", "one"), "Name a repository, such as team/app."),
        (chosen("pull", "below", "team/"), "Name a repository, such as team/app."),
        (chosen("pull", "one", "team/App"), "'team/App' cannot be a repository"),
        (chosen("pull", "one", "team/app/*"), "'team/app/*' cannot be a repository"),
        (chosen("fly"), "'fly' is nothing that it may do."),
    ],
)
def test_what_is_wrong_with_a_choice_is_said(row: Permission, said: str) -> None:
    with pytest.raises(Rejected) as caught:
        scopes_of([row], "team", "permissions")
    assert said in caught.value.fields["permissions"][0]


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("team/*:pull", "Pull everything in team"),
        ("team/app:pull,push", "Pull and push team/app"),
        ("team/app/*:pull,push,delete", "Pull, push and delete team/app and all below it"),
        ("*:*", "Pull, push and delete everything"),
        ("_/*:pull", "Pull everything in the global namespace"),
    ],
)
def test_a_scope_is_said_in_words(scope: str, words: str) -> None:
    assert words_of(scope) == words
