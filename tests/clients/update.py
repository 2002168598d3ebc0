"""Bring docs/compatibility.md up to date: ``.venv/bin/python -m tests.clients.update``."""

from tests.clients.page import PAGE, rendered

if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text()))
