from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from portus_ui.domain.addresses import local_path


@pytest.mark.parametrize("path", ["/", "/r/team/app", "/explore?q=a%20b&page=2", "/n/_"])
def test_a_path_of_this_origin_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "explore",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "/a\x00b",
        " /explore",
        "/" + "a" * 3000,
    ],
)
def test_everything_else_leads_home(text: str | None) -> None:
    assert local_path(text) == "/"


@given(st.text())
def test_no_text_leads_to_another_host(text: str) -> None:
    path = local_path(text)
    assert path.startswith("/")
    assert not path.startswith("//")
    assert "\\" not in path
