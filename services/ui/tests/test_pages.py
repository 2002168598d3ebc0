"""Every page, as everybody, whole and as a fragment: what is shown, and what must not be."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from services.ui.tests.company import Company, image, sha
from services.ui.tests.site_under_test import visitor_of

from portus_ui.app import Ui

PAGES = {
    "/explore": "",
    "/explore?q=pay": "",
    "/namespaces": "namespaces",
    "/n/_": "repositories",
    "/n/base": "repositories",
    "/n/web": "repositories",
    "/n/payments": "repositories",
    "/n/data-science": "repositories",
    "/n/nowhere": "repositories",
    "/r/hello": "images",
    "/r/base/python": "images",
    "/r/web/storefront": "images",
    "/r/payments/api": "images",
    "/r/data-science/notebook-gpu": "images",
    "/r/no/where": "images",
    "/r/hello:latest": "history",
    "/r/base/python:3.13-slim": "history",
    "/r/web/storefront:main-41aa07c": "history",
    "/r/payments/api:latest": "history",
    f"/r/payments/api@{sha('1.42.0')}": "",
    "/r/data-science/notebook-gpu:cuda-13.1": "history",
    "/r/no/where:1": "history",
}
SPACES = {"_": "_", "base": "base", "web": "web", "payments": "payments"}
MAY_SEE = {
    None: {"_", "base"},
    "stranger": {"_", "base", "web"},
    "ines.moreau": {"_", "base", "web", "payments"},
    "root": {"_", "base", "web", "payments", "data-science"},
}
PRIVATE_WORDS = {
    "payments": ("ledger-worker", "Services that move money"),
    "data-science": ("notebook-gpu", "cuda-13.1"),
    "web": ("storefront",),
}


def space_of(path: str) -> str:
    kind, _, name = path.strip("/").partition("/")
    if kind == "n":
        return name
    return name.partition("/")[0] if "/" in name else "_"


@pytest.mark.parametrize("name", MAY_SEE)
@pytest.mark.parametrize("path", PAGES)
def test_everybody_sees_what_is_theirs(ui: Ui, name: str | None, path: str) -> None:
    visitor = visitor_of(ui, name)
    mine = MAY_SEE[name]
    visible = path.startswith(("/explore", "/namespaces")) or space_of(path) in mine
    whole = visitor.visit(path)
    assert whole.status_code == (200 if visible else 404)
    assert whole.text.startswith("<!doctype html>")
    answers = [whole]
    if target := PAGES[path]:
        part = visitor.visit(path, target=target)
        assert part.status_code == whole.status_code
        assert "<html" not in part.text
        assert f'id="{target}"' in part.text
        answers.append(part)
    for answer in answers:
        assert "HX-Request" in answer.headers["Vary"]
        assert answer.headers["Cache-Control"] == "no-store"
        for space, words in PRIVATE_WORDS.items():
            if space not in mine:
                # The address itself comes back in links to sign in; it says nothing new.
                shown = answer.text.replace(path, "").replace(quote(path), "")
                assert not any(word in shown for word in words)


def test_a_private_page_and_one_that_is_not_there_look_the_same(ui: Ui) -> None:
    visitor = visitor_of(ui, "stranger")

    def shown(path: str) -> tuple[int, str]:
        answer = visitor.visit(path)
        varying = r"[0-9a-f]{32}|nonce=\"[^\"]+\"|(?<=token\" value=)\"[0-9a-f]+\""
        return answer.status_code, re.sub(varying, "", answer.text.replace(path, ""))

    assert shown("/n/payments") == shown("/n/nowhere")
    assert shown("/r/payments/api") == shown("/r/no/where")


def test_the_dashboard_is_for_people_who_are_signed_in(ui: Ui) -> None:
    assert visitor_of(ui).visit("/").location == "/sign-in"
    page = visitor_of(ui, "ines.moreau").visit("/").text
    assert "<b>6</b> repositories" in page
    assert "ci-web</b> pushed" in page
    assert "docker login registry.tidewater.example" in page
    assert "notebook-gpu" not in page


def test_an_admins_dashboard_does_not_take_others_personal_namespaces_for_its_own(ui: Ui) -> None:
    page = visitor_of(ui, "root").visit("/").text
    assert 'href="/n/ines.moreau"' not in page
    assert "docker push registry.tidewater.example/ines.moreau/" not in page


def test_the_dashboard_of_an_empty_company_waits_for_the_first_push(
    ui: Ui, company: Company
) -> None:
    company.repositories.clear()
    company.activities.clear()
    visitor = visitor_of(ui, "ines.moreau")
    page = visitor.visit("/").text
    assert "Waiting for your first push" in page
    assert "docker push registry.tidewater.example/ines.moreau/hello:1.0" in page
    company.push("ines.moreau/hello", image("first", seconds=1), ["1.0"], "ines.moreau")
    part = visitor.visit("/?waited=1", target="feed").text
    assert "Your first image has arrived" in part
    assert 'id="tally" hx-swap-oob="outerMorph"' in part


def test_one_row_shows_all_tags_of_an_image(ui: Ui) -> None:
    page = visitor_of(ui, "ines.moreau").visit("/r/payments/api").text
    assert page.count('role="row" id="i-') == 7
    row = page.partition(f'id="i-{sha("1.42.0")[7:19]}"')[2].partition("</tr>")[0]
    for shown in ("1.42.0<", "1.42<", "latest<", "linux/arm64/v8", "61.4 MB", "4 min ago"):
        assert shown in row
    assert "docker pull registry.tidewater.example/payments/api:1.42.0" in row


def test_a_closed_image_opens_by_a_link_and_closes_again(ui: Ui) -> None:
    visitor = visitor_of(ui, "ines.moreau")
    digest = sha("1.42.0")[7:19]
    closed, opened = (visitor.visit(f"/r/payments/api{q}").text for q in ("", f"?open={digest}"))
    assert f'href="/r/payments/api?open={digest}" aria-expanded="false"' in closed
    assert sha("1.42.0arm64") not in closed
    assert 'href="/r/payments/api?" aria-expanded="true"' in opened
    assert sha("1.42.0arm64") in opened
    assert "6 layers" in opened


def test_the_pull_command_follows_the_client(ui: Ui) -> None:
    visitor = visitor_of(ui)
    pulled = "registry.tidewater.example/base/python:3.13.9-slim"
    for client, text in (
        ("podman", f"podman pull {pulled}"),
        ("kubernetes", f"image: {pulled}"),
        ("nonsense", f"docker pull {pulled}"),
    ):
        part = visitor.visit(f"/r/base/python?client={client}", target="pull").text
        assert text in part
        assert "<table" not in part


def test_filter_and_pages_are_the_servers_work(ui: Ui, company: Company) -> None:
    visitor = visitor_of(ui)
    for number in range(60):
        company.push("base/python", image(f"many{number}"), [f"n-{number}"], "ci-base")
    page = visitor.visit("/r/base/python").text
    assert "1 to 25 of 61 images" in page
    assert 'href="/r/base/python?after=25">Older' in page
    last = visitor.visit("/r/base/python?after=50").text
    assert "11 of 61 images" in last
    assert 'href="/r/base/python">Newest' in last
    assert "Older" not in last
    assert "1 image<" in visitor.visit("/r/base/python?f=3.13.9").text
    assert (
        "No tag or digest contains &#34;&lt;b&gt;&#34;"
        in visitor.visit("/r/base/python?f=<b>").text
    )


def test_untagged_images_are_hidden_counted_and_one_click_away(ui: Ui, company: Company) -> None:
    company.push("base/python", image("left over"), [], "ci-base")
    visitor = visitor_of(ui)
    page = visitor.visit("/r/base/python").text
    assert "1 untagged image hidden." in page
    shown = visitor.visit("/r/base/python?untagged=1").text
    assert "1 untagged image<" in shown
    assert "No tag" in shown


def test_an_image_that_is_not_described_yet_says_so(ui: Ui, company: Company) -> None:
    unread = image("unread", platforms=0) | {"described": False, "size_bytes": None}
    company.push("base/python", unread, ["next"], "ci-base")
    assert "Being read" in visitor_of(ui).visit("/r/base/python").text


def test_anonymous_visitors_do_not_learn_who_pushed(ui: Ui) -> None:
    for path in ("/explore", "/n/base", "/r/base/python"):
        assert "ci-base" not in visitor_of(ui).visit(path).text
        assert "ci-base" in visitor_of(ui, "stranger").visit(path).text


@pytest.mark.parametrize("name", [None, "stranger"])
def test_who_may_not_push_is_not_told_how(ui: Ui, name: str | None) -> None:
    assert "Push an image" not in visitor_of(ui, name).visit("/n/base").text


def test_no_page_links_to_a_page_that_is_not_there(ui: Ui) -> None:
    visitor = visitor_of(ui, "ines.moreau")
    seen, todo = set(), {"/", "/sign-in"}
    while todo:
        path = todo.pop()
        seen.add(path)
        # Of the images of one repository, and of its tags, one says what all would.
        # Rows open by themselves or together: two at once say what more of them would.
        if path.count("open=") > 2:
            continue
        if (alike := re.match(r"/r/[^?]*?[@:]", path)) and alike[0] in seen:
            continue
        seen |= {alike[0]} if alike else set()
        answer = visitor.visit(path)
        assert answer.status_code in {200, 303}, path
        readable = re.sub(r'<form[^>]*method="post"[^>]*>', "", answer.text)
        links = re.findall(r'(?:href|action)="(/[^"#]*)', readable)
        wanted = {link.replace("&amp;", "&") for link in links}
        todo |= {link for link in wanted - seen if not link.startswith("/static")}
    assert len(seen) > 20
