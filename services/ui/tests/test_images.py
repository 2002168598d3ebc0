"""Images and artifacts on their repository's page, and the page of one of them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from services.ui.tests.browsing import OpenTab, Site
from services.ui.tests.company import Company, ago, artifact, attachment, image, sha
from services.ui.tests.site_under_test import visitor_of

from portus_ui.app import Ui

HOST = "registry.tidewater.example"
API = "/r/payments/api"


def test_a_repository_of_charts_is_pulled_with_helm(ui: Ui, company: Company) -> None:
    chart = artifact("helm-chart", "application/vnd.cncf.helm.config.v1+json")
    company.push("base/chart", chart, ["0.1.0"], "ci-base")
    page = visitor_of(ui).visit("/r/base/chart").text
    assert f"helm pull oci://{HOST}/base/chart --version 0.1.0" in page
    assert "docker pull" not in page
    assert 'title="application/vnd.cncf.helm.config.v1+json">Helm chart<' in page
    company.push("payments/chart", {**chart, "tags": []}, ["0.1.0"], "ci-base")
    ines = visitor_of(ui, "ines.moreau")
    assert "Delete tag or Helm chart" in ines.visit("/r/payments/chart:0.1.0").text
    dialog = ines.visit(f"/delete/payments/chart?digest={chart['digest']}").text
    assert "Delete Helm chart and 1 tag" in dialog


def test_a_row_shows_what_is_attached(ui: Ui, company: Company) -> None:
    item = image("signed")
    item["attachments"] = [
        attachment(item, "one", "signature-cosign"),
        attachment(item, "two", "signature-notation"),
        attachment(item, "bom", "sbom-spdx"),
        attachment(item, "list", "referrers"),
    ]
    company.push("base/python", item, ["signed"], "ci-base")
    page = visitor_of(ui).visit("/r/base/python").text
    badges = re.findall(r'class="badge"[^>]*><svg.*?</svg>([^<]+)<', page)
    assert badges[-2:] == ["Signature (2)", "SBOM"]
    assert "verified here" in page


def test_an_image_shows_everything_that_is_known_of_it(ui: Ui, company: Company) -> None:
    item = image("1.42.0")
    company.push("base/full", item, ["1", "x" * 128], "ci-base")
    platform = item["platforms"][1]["digest"]
    tag = sha("1.42.0").replace(":", "-") + ".sig"
    item["attachments"] = [
        attachment(item, "sig", "signature-cosign", tag=tag, through="tag"),
        attachment(item, "bom", "sbom-spdx", to=platform, artifact_type="application/spdx+json"),
        attachment(item, "att", "attestation", through="index"),
    ]
    item["layers"] = [{"digest": sha("l1"), "media_type": "tar", "size_bytes": 1000}]
    item["config"] = {
        "labels": {"org.example": "<i>label</i>"},
        "history": [{"created_by": "/bin/sh -c #(nop)  CMD x", "empty_layer": True}, {}],
    }
    page = visitor_of(ui).visit(f"/r/base/full@{item['digest']}").text
    ref = f"{HOST}/base/full@{item['digest']}"
    for shown in (
        f"docker pull {ref}",
        f"cosign download signature {ref}",
        f"oras pull {HOST}/base/full@{sha('bom')}",
        "docker buildx imagetools inspect",
        "linux/arm64/v8",
        "application/spdx+json",
        f'href="/r/base/full:{"x" * 128}">{"x" * 128}<',
        "CMD x",
        "1.0 kB",
        "&lt;i&gt;label",
    ):
        assert shown in page, shown
    assert "ci-base" not in page
    assert "History of this tag" not in page


def test_a_tag_tells_where_it_pointed_before(ui: Ui, company: Company) -> None:
    old = sha("1.41.3")
    company.move("payments/api", "1.42.0", old, "ines.moreau", ago(hours=1))
    company.moves[0]["is_here"] = False
    company.move("payments/api", "1.42.0", sha("1.41.2"), "ines.moreau", ago(minutes=9))
    company.move("payments/api", "1.42.0", sha("1.42.0"), "ci-payments", ago(minutes=3))
    company.move("payments/api", "1.42.0", sha("1.42.0"), "ci-payments", ago(minutes=2))
    page = visitor_of(ui, "ines.moreau").visit(f"{API}:1.42.0").text
    rows = page.partition('id="history"')[2].split("<tr ")[2:]
    assert [re.findall("Pushed again|Pushed|No longer here", row) for row in rows] == [
        ["Pushed again"],
        ["Pushed"],
        ["Pushed"],
        ["Pushed", "No longer here"],
        ["Pushed"],
    ]
    assert f"docker pull {HOST}/payments/api@{sha('1.41.2')}" in rows[2]
    assert "by ines.moreau" in rows[2]
    assert f"@{old}" not in rows[3]


def test_a_history_has_pages(ui: Ui, company: Company) -> None:
    for number in range(40):
        company.move("base/python", "3.13-slim", sha(str(number)), "ci-base", ago(minutes=1))
    visitor = visitor_of(ui)
    first = visitor.visit("/r/base/python:3.13-slim?client=podman").text
    assert "by ci-base" not in first
    older = re.search(r'href="([^"]+)">Older', first)
    assert older
    second = visitor.visit(older[1].replace("&amp;", "&"), target="history").text
    assert "<html" not in second
    assert "podman pull" in second
    assert 'href="/r/base/python:3.13-slim?client=podman">Latest' in second


def test_a_tag_that_is_gone_keeps_its_history(ui: Ui, company: Company) -> None:
    company.move("base/python", "old", sha("py"), "ci-base", ago(days=2))
    company.move("base/python", "old", None, "ci-base", ago(days=1))
    page = visitor_of(ui).visit("/r/base/python:old").text
    assert "This tag is gone." in page
    assert f"docker pull {HOST}/base/python@{sha('py')}" in page
    assert visitor_of(ui).visit("/r/base/python:never").status_code == 404


def test_a_reference_with_tag_and_digest_leads_to_the_digest(ui: Ui) -> None:
    digest = sha("py")
    answer = visitor_of(ui).visit(f"/r/base/python:3.13-slim@{digest}")
    assert (answer.status_code, answer.location) == (302, f"/r/base/python@{digest}")


@pytest.mark.parametrize("rest", ["@sha256:0", "@nonsense", f"@{sha('unknown')}", ":a:b", ":-"])
def test_what_is_no_image_is_not_there(ui: Ui, rest: str) -> None:
    assert visitor_of(ui).visit(f"/r/base/python{rest}").status_code == 404


def test_what_is_deleted_says_what_goes_with_it(ui: Ui, company: Company) -> None:
    newest = next(r for r in company.repositories if r["full_name"] == "payments/api")["images"][0]
    newest["attachments"] = [attachment(newest, "sig", "signature-cosign")]
    dialog = visitor_of(ui, "ines.moreau").visit(f"/delete/payments/api?digest={newest['digest']}")
    assert "What is attached goes too" in dialog.text
    assert "Signature" in dialog.text


@pytest.mark.browser
def test_an_open_page_says_that_its_tag_has_moved(site: Site, tab: OpenTab) -> None:
    ines = tab()
    ines.sign_in(at=f"/sign-in?next={API}:1.42.0-rc.3")
    expect(ines.page.get_by_role("heading", name="Attached")).to_be_visible()
    site.hint("payments/api", "described")
    api = next(r for r in site.company.repositories if r["full_name"] == "payments/api")
    older = next(item for item in api["images"] if item["digest"] == sha("rc3"))
    older["tags"].clear()
    site.push("payments/api", "rc4", "1.42.0-rc.3")
    expect(ines.page.get_by_text("This tag points elsewhere by now.")).to_be_visible()
    ines.page.get_by_role("link", name="Show what is there now").click()
    expect(ines.page.locator("#history tbody tr")).to_have_count(2)
    expect(ines.page.get_by_text("points elsewhere")).to_have_count(0)


@pytest.mark.browser
def test_the_longest_tag_is_read_whole_on_a_phone(site: Site, tab: OpenTab) -> None:
    name = "t" * 128
    site.company.push("payments/api", image("long"), [name], by="ines.moreau")
    ines = tab(viewport={"width": 390, "height": 800})
    ines.sign_in()
    for path in (API, f"{API}:{name}"):
        ines.open(path)
        wide = ines.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
        places = ines.page.locator("main .tag, main h1, main .cmd code").filter(has_text=name)
        assert places.count() >= 2
        for place in places.all():
            assert place.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
