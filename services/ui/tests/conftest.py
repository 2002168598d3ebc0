from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from services.ui.tests import company as companies
from services.ui.tests.browsing import OpenTab, Site, site_of, tabs_of
from services.ui.tests.company import Company
from services.ui.tests.site_under_test import built, settings_for

from portus_ui.app import Ui

# What is looked for comes within a second, but not on a machine that is busy with other tests.
expect.set_options(timeout=20_000)


@pytest.fixture
def company() -> Company:
    return companies.company()


@pytest.fixture
def ui(company: Company, sqlite_url: str) -> Iterator[Ui]:
    made = built(company, settings_for(sqlite_url))
    yield made
    made.close()
    made.database.close()


@pytest.fixture
def site(company: Company, sqlite_url: str) -> Iterator[Site]:
    with site_of(company, sqlite_url) as made:
        yield made


@pytest.fixture
def tab(site: Site, chromium: Browser) -> Iterator[OpenTab]:
    with tabs_of(site, chromium) as open_tab:
        yield open_tab
