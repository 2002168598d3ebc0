"""The small pure rules: the guard, the pauses, the challenge."""

import pytest
from hypothesis import given, strategies as st

from portus_sync.domain.backoff import delay
from portus_sync.domain.guard import must_hold
from portus_sync.registry.challenge import bearer


@pytest.mark.parametrize(
    ("gone", "known", "held"),
    [
        (1, 1, False),
        (10, 10, False),
        (11, 11, True),
        (11, 55, False),
        (11, 54, True),
        (100, 10_000, False),
        (101, 1_000_000, True),
    ],
)
def test_guard_holds_back_many_at_once(gone: int, known: int, held: bool) -> None:
    assert must_hold(gone=gone, known=known) is held


def test_pauses_double_up_to_the_longest() -> None:
    pauses = [delay(n, first_s=1, longest_s=10).total_seconds() for n in (1, 2, 3, 4, 5, 5000)]
    assert pauses == [1, 2, 4, 8, 10, 10]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            'Bearer realm="http://a/t",service="s",scope="repository:a/b:pull,push"',
            {"realm": "http://a/t", "service": "s", "scope": "repository:a/b:pull,push"},
        ),
        ('bearer Realm="x" , service=plain', {"realm": "x", "service": "plain"}),
        ('Basic realm="b", Bearer realm="t",service="s"', {"realm": "t", "service": "s"}),
        ('Negotiate, Bearer realm="t"', {"realm": "t"}),
        (r'Bearer realm="a\"b",error="x"', {"realm": 'a"b', "error": "x"}),
        ("Bearer", {}),
        ('Basic realm="b"', None),
        ("", None),
        ('="', None),
    ],
)
def test_challenge_is_parsed(header: str, expected: dict[str, str] | None) -> None:
    assert bearer(header) == expected


@given(st.text())
def test_parsing_a_challenge_ends(header: str) -> None:
    bearer(header)
