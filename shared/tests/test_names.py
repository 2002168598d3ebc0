from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from portus_shared.names import (
    GLOBAL,
    is_digest,
    is_namespace_name,
    is_repository_name,
    is_tag,
    namespace_of,
    path_in_namespace,
)

components = st.from_regex(re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"), fullmatch=True)


@pytest.mark.parametrize("name", ["a", "1", "1.0", "r2d2", "a__b", "a---b", "a_b", "a.b-c"])
def test_docker_allows_these_components(name: str) -> None:
    assert is_namespace_name(name)
    assert is_repository_name(f"{name}/{name}/{name}")


@pytest.mark.parametrize(
    "name",
    ["", "-a", "a-", "&a", "_a", "a_", "R2D2", "a..b", "a._b", "a___b", "a\\b", "a\n", "a/", "/a"],
)
def test_docker_refuses_these_components(name: str) -> None:
    assert not is_namespace_name(name)
    assert not is_repository_name(f"team/{name}") or name == ""


def test_a_repository_name_has_at_most_255_characters() -> None:
    assert is_repository_name("a/" + "b" * 253)
    assert not is_repository_name("a/" + "b" * 254)


@given(components, components)
def test_a_name_is_its_namespace_and_its_path(namespace: str, path: str) -> None:
    assert namespace_of(f"{namespace}/{path}") == namespace
    assert path_in_namespace(f"{namespace}/{path}") == path
    assert namespace_of(path) == GLOBAL
    assert path_in_namespace(path) == path


@given(st.text())
def test_the_global_namespace_collides_with_no_name(text: str) -> None:
    assert not is_namespace_name(GLOBAL)
    if is_repository_name(text):
        assert is_namespace_name(namespace_of(text)) or namespace_of(text) == GLOBAL


def test_tags_and_digests_follow_the_specification() -> None:
    assert is_tag("v1.0_x-y")
    assert is_tag("L" * 128)
    assert not is_tag("L" * 129)
    assert not is_tag(".hidden")
    assert is_digest("sha256:" + "0" * 64)
    assert not is_digest("sha256:" + "0" * 63)
    assert not is_digest("sha256:" + "A" * 64)
