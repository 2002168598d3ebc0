"""Every setting is in the table of docs/operations.md, with who reads it; nothing else is."""

import re
from typing import Final

from tests.architecture.settings import settings_by_reader, settings_without_a_name
from tests.architecture.sources import ROOT

PAGE: Final = ROOT / "docs" / "operations.md"
_ROW: Final = re.compile(r"^\| `(PORTUS_[A-Z_]+)` \| ([a-z, ]+) \|", re.MULTILINE)


def test_every_setting_is_documented_with_its_readers() -> None:
    documented = {name: set(who.split(", ")) for name, who in _ROW.findall(PAGE.read_text())}
    assert documented == settings_by_reader()


def test_every_setting_is_read_by_a_name_that_can_be_searched_for() -> None:
    assert settings_without_a_name() == []
