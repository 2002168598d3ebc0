"""What templates and vendored files must keep to."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from pathlib import Path

import pytest

PACKAGE = Path(str(files("portus_ui")))
TEMPLATES = sorted((PACKAGE / "templates").glob("*.html"))
TAG = re.compile(r"<[a-z](?:\{\{.*?\}\}|\{%.*?%\}|[^>])*>", re.DOTALL)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_keeps_the_rules(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=", text), "no inline style"
    assert not re.search(r"\son\w+\s*=", text), "no inline handler"
    assert not re.search(r"<script(?![^>]* src=)", text), "no inline script"
    assert "|safe" not in text.replace(" ", ""), "no stray |safe"
    assert "javascript:" not in text
    assert ":inherited" not in text, "an inherited nonce would stamp what was injected"
    for tag in TAG.findall(text):
        if re.search(r"\shx-[\w:-]+=", tag):
            assert "{{ hx }}" in tag, f"not stamped: {tag[:80]}"
        if tag.startswith("<form"):
            assert 'action="' in tag, "a form works without a script"
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
        assert 'name="form_token"' in form
    for table in re.findall(r"<table.*?</table>", text, re.DOTALL):
        assert "m.head(" in table, "caption and column headers come from the macro"
        assert 'role="rowheader"' in table


def test_every_icon_is_in_the_sprite_and_every_symbol_is_used() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (PACKAGE / "static/icons.svg").read_text()))
    text = "".join(template.read_text() for template in TEMPLATES)
    named = set(re.findall(r"'([a-z0-9-]+)'", text))
    direct = set(re.findall(r"icon\('([a-z0-9-]+)'", text))
    assert direct <= sprite
    assert sprite <= named


def test_vendored_files_are_what_was_published() -> None:
    folder = PACKAGE / "static/vendor/htmx-4.0.1"
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    sums = {line.split()[1]: line.split()[0] for line in lines}
    assert set(sums) == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    for name, expected in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected


def test_everything_of_others_has_its_licence_beside_it() -> None:
    static = PACKAGE / "static"
    for name in ("LICENSE-icons.txt", "fonts/LICENSE-sans.txt", "fonts/LICENSE-mono.txt"):
        assert "ermission" in (static / name).read_text()
