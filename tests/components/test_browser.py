"""A real browser reads what a real server says."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from playwright.sync_api import Page, expect

from portus_shared.testing.servers import serve


@pytest.mark.browser
def test_a_page_is_rendered_and_its_scripts_run(page: Page) -> None:
    def hello(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [b"<!doctype html><p id=p></p><script>p.textContent = 'works'</script>"]

    with serve(hello) as url:
        page.goto(url)
        expect(page.locator("#p")).to_have_text("works")
