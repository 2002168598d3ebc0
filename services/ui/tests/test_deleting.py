"""Deleting images and repositories: what is shown before, who may, and what a form must say."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from services.ui.tests.browsing import OpenTab, Site
from services.ui.tests.company import Company, sha
from services.ui.tests.site_under_test import visitor_of

from portus_ui.app import Ui

API = "/r/payments/api"
NEWEST = sha("1.42.0")
DELETE = f"/delete/payments/api?digest={NEWEST}"


def doomed(company: Company) -> list[str]:
    (api,) = [entry for entry in company.repositories if entry["full_name"] == "payments/api"]
    return [item["digest"] for item in api["images"] if item.get("deleting")]


def test_an_image_is_deleted_with_all_its_tags_after_they_were_shown(
    ui: Ui, company: Company
) -> None:
    ines = visitor_of(ui, "ines.moreau")
    assert f'href="{DELETE.replace(":", "%3A")}"' in ines.visit(API).text.replace(
        "=sha256:", "=sha256%3A"
    )
    whole, part = ines.visit(DELETE), ines.visit(DELETE, target="confirm")
    for answer in (whole, part):
        assert answer.status_code == 200
        for text in ("1.42.0", "1.42", "latest", "All 3 tags", "Delete image and 3 tags"):
            assert text in answer.text
    assert "<html" not in part.text
    done = ines.send("/delete/payments/api", digest=NEWEST)
    assert (done.status_code, done.headers["Location"]) == (303, API)
    assert doomed(company) == [NEWEST]
    assert "Being deleted" in ines.visit(API).text


def test_a_repository_is_deleted_when_its_name_was_typed(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    assert "Type payments/api to confirm" in ines.visit("/delete/payments/api").text
    for typed in ({}, {"sure": "payments"}):
        refused = ines.send("/delete/payments/api", **typed)
        assert refused.status_code == 422
        assert "Type payments/api exactly" in refused.text
    assert doomed(company) == []
    done = ines.send("/delete/payments/api", sure=" payments/api ")
    assert done.status_code == 303
    page = ines.visit(API).text
    assert "This repository is being deleted" in page
    assert "Delete repository" not in page
    assert "Being deleted" in ines.visit("/n/payments").text


@pytest.mark.parametrize(("name", "status"), [(None, 303), ("stranger", 404), ("root", 403)])
def test_who_may_not_delete_is_offered_nothing(
    ui: Ui, company: Company, name: str | None, status: int
) -> None:
    visitor = visitor_of(ui, name)
    assert "/delete/" not in visitor.visit(API).text
    for path in (DELETE, "/delete/payments/api"):
        assert visitor.visit(path).status_code == status
    refused = visitor.send("/delete/payments/api", digest=NEWEST, sure="payments/api")
    assert refused.status_code == (401 if name is None else status)
    assert doomed(company) == []


@pytest.mark.parametrize("digest", ["sha256:0", "nonsense", sha("unknown")])
def test_what_is_not_there_cannot_be_deleted(ui: Ui, digest: str) -> None:
    ines = visitor_of(ui, "ines.moreau")
    assert ines.visit(f"/delete/payments/api?digest={digest}").status_code == 404
    assert ines.visit("/delete/payments/nothing").status_code == 404


def test_a_form_of_another_site_deletes_nothing(ui: Ui, company: Company) -> None:
    ines = visitor_of(ui, "ines.moreau")
    ines.headers = {"Sec-Fetch-Site": "cross-site"}
    assert ines.send("/delete/payments/api", digest=NEWEST).status_code == 403
    assert doomed(company) == []


def test_why_an_image_was_not_deleted_stands_beside_it(ui: Ui, company: Company) -> None:
    (api,) = [entry for entry in company.repositories if entry["full_name"] == "payments/api"]
    api["images"][0]["deletion_failure"] = "The registry does not delete"
    assert (
        "Not deleted. The registry does not delete."
        in visitor_of(ui, "ines.moreau").visit(API).text
    )


def test_a_tag_goes_alone_where_the_registry_can(ui: Ui, company: Company) -> None:
    company.deletes_tags = True
    ines = visitor_of(ui, "ines.moreau")
    page = ines.visit(f"{API}:1.42").text
    assert f"{DELETE.replace(':', '%3A')}&amp;tag=1.42" in page
    dialog = ines.visit(f"{DELETE}&tag=1.42", target="confirm").text
    for text in ("Delete only this tag", "with 2 other tags", "Delete image and 3 tags"):
        assert text in dialog
    done = ines.send("/delete/payments/api", digest=NEWEST, tag="1.42", only="tag")
    assert (done.status_code, done.headers["Location"]) == (303, API)
    assert company.deleted_tags == [(7, "tag")]
    assert doomed(company) == []
    page = ines.visit(f"{API}:1.42").text
    assert "This tag is being deleted." in page
    assert "Delete tag or image" not in page


@pytest.mark.parametrize("can", [False, None])
def test_where_it_cannot_or_nobody_knows_no_tag_goes_alone(
    ui: Ui, company: Company, can: bool | None
) -> None:
    company.deletes_tags = can
    ines = visitor_of(ui, "ines.moreau")
    dialog = ines.visit(f"{DELETE}&tag=1.42").text
    assert "Delete only this tag" not in dialog
    assert ("cannot delete one tag alone" in dialog) is (can is False)
    company.away.add("sync")
    assert "Delete image and 3 tags" in ines.visit(f"{DELETE}&tag=1.42").text


def test_a_tag_that_moved_or_is_none_is_not_deleted(ui: Ui, company: Company) -> None:
    company.deletes_tags = True
    ines = visitor_of(ui, "ines.moreau")
    for tag in ("1.41.3", "never", "a/b"):
        refused = ines.send("/delete/payments/api", digest=NEWEST, tag=tag, only="tag")
        assert refused.status_code == 404
    assert ines.send("/delete/payments/api", digest=NEWEST, only="tag").status_code == 404
    assert company.deleted_tags == []


@pytest.mark.browser
def test_the_dialog_works_by_keyboard_and_the_row_goes_by_itself(site: Site, tab: OpenTab) -> None:
    ines = tab()
    ines.sign_in(at=f"/sign-in?next={API}")
    page = ines.page
    expect(page.locator(".live")).to_have_text("Live")
    rows = page.locator("#images tbody tr")
    count = rows.count()
    opener = page.get_by_role("link", name="Delete image 1.42.0", exact=True)
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Delete image of payments/api")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    opener.click()
    dialog.get_by_role("button", name="Delete image and 3 tags").click()
    expect(page).to_have_url(f"{site.url}{API}")
    expect(rows.first).to_contain_text("Being deleted")
    expect(page.locator(".live")).to_have_text("Live")
    site.finish_deletions("payments/api")
    expect(rows).to_have_count(count - 1, timeout=2000)


@pytest.mark.browser
def test_what_is_gone_before_the_page_listened_goes_too(site: Site, tab: OpenTab) -> None:
    ines = tab()
    ines.page.route("**/updates?*", lambda route: route.abort())
    ines.sign_in(at=f"/sign-in?next={DELETE}")
    ines.page.get_by_role("button", name="Delete image and 3 tags").click()
    expect(ines.page.get_by_text("Being deleted")).to_be_visible()
    site.finish_deletions("payments/api")
    expect(ines.page.get_by_text("Being deleted")).to_be_hidden(timeout=8000)
    ines.complaints.clear()


@pytest.mark.browser
def test_a_repository_goes_without_scripts_and_open_pages_say_so(site: Site, tab: OpenTab) -> None:
    watching = tab()
    watching.sign_in(at=f"/sign-in?next={API}")
    expect(watching.page.locator(".live")).to_have_text("Live")
    ines = tab(java_script_enabled=False)
    ines.sign_in(at=f"/sign-in?next={API}")
    page = ines.page
    page.get_by_role("link", name="Delete repository").click()
    page.get_by_label("Type payments/api to confirm").fill("payments/api")
    page.get_by_role("button", name=re.compile("Delete repository and")).click()
    expect(page.get_by_text("This repository is being deleted.")).to_be_visible()
    site.hint("payments/api", "deleting")
    expect(watching.page.get_by_text("This repository is being deleted.")).to_be_visible()
    site.finish_deletions("payments/api")
    expect(watching.page.get_by_text("Nothing is left here")).to_be_visible(timeout=5000)
    # The browser complains of the 404 by which the page learned it, and of nothing else.
    assert all("404" in complaint for complaint in watching.complaints)
    watching.complaints.clear()
