"""Rules of names: what is taken, and what a namespace is called after whom."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, strategies as st

from portus_auth.domain.accounts import (
    faults_of_email,
    faults_of_password,
    faults_of_username,
    fold,
    personal_namespace_base,
    with_suffixes,
)
from portus_auth.domain.secrets import (
    KeyedHash,
    is_application_token,
    new_application_token,
    new_setup_code,
    normalized_setup_code,
)
from portus_shared.names import is_namespace_name


@pytest.mark.parametrize(
    "username", ["a", "alice", "Miquel.Sabate.", "a-b", "j\u00fcrgen", "x+y", "0"]
)
def test_names_of_people_are_taken(username: str) -> None:
    assert faults_of_username(username) == []


@pytest.mark.parametrize(
    "username",
    ["", "_sync", "_", "a b", "a:b", "a/b", "a@b", "a\n", "a\x00", "...", "\u540d", "x" * 129],
)
def test_names_that_would_confuse_are_refused(username: str) -> None:
    assert faults_of_username(username)


@pytest.mark.parametrize(
    ("username", "namespace"),
    [
        ("alice", "alice"),
        ("Alice", "alice"),
        ("Miquel.Sabate.", "miquel.sabate"),
        ("!lol!name", "lol_name"),
        ("a-b", "a-b"),
        ("a--b", "a--b"),
        ("a__b", "a__b"),
        ("a___b", "a_b"),
        ("a.-b", "a_b"),
        ("J\u00fcrgen", "jurgen"),
        ("\u540d", ""),
        ("x" * 300, "x" * 240),
        ("x" * 239 + ".y", "x" * 239),
    ],
)
def test_a_personal_namespace_is_called_after_its_owner(username: str, namespace: str) -> None:
    assert personal_namespace_base(username) == namespace


@given(st.text(max_size=300))
def test_a_personal_namespace_is_always_one_a_registry_serves(username: str) -> None:
    name = personal_namespace_base(username)
    assert name == "" or is_namespace_name(name)
    if name:
        assert all(map(is_namespace_name, islice(with_suffixes(name), 12)))


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=140))
def test_an_accepted_name_fits_into_basic_credentials_and_is_nobodys_address(name: str) -> None:
    if not faults_of_username(name):
        assert ":" not in name
        assert "@" not in name
        assert not name.startswith("_")
        assert name == name.strip()


@pytest.mark.parametrize("email", ["a@b", "a.b+c@example.org", "\u00fc@example.org"])
def test_addresses_are_taken(email: str) -> None:
    assert faults_of_email(email) == []


@pytest.mark.parametrize(
    "email", ["", "a", "@", "a@", "a b@c", "a@b@c", "a@b\n", "x" * 250 + "@abcd"]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    assert faults_of_email(email)


@pytest.mark.parametrize(
    ("length", "is_good"), [(0, False), (7, False), (8, True), (128, True), (129, False)]
)
def test_passwords_have_a_length(length: int, is_good: bool) -> None:
    assert (faults_of_password(("xy" * 65)[:length]) == []) is is_good


def test_tokens_and_codes_are_their_own_kind_and_never_repeat() -> None:
    tokens = {new_application_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(is_application_token(token) and len(token) == 47 for token in tokens)
    code = new_setup_code()
    assert normalized_setup_code(f" {code.lower().replace('-', '')}\n") == code


def test_a_keyed_hash_depends_on_its_key() -> None:
    one, other = KeyedHash(b"one"), KeyedHash(b"other")
    assert one.of("x") == one.of("x") != other.of("x")
