"""The original's security holes, by number, in things that Portus does not have: no way in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.schemas.site import Site


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """Every address that a service answers, in small letters."""
    site = Site(tmp_path_factory.mktemp("site"))
    yield {rule.rule.lower() for app in site.flasks for rule in app.url_map.iter_rules()}
    site.close()


def test_a9_there_are_no_webhooks_to_send(addresses: set[str]) -> None:
    """Webhooks reached into the network, and their passwords could be read.

    The one address of that name takes the registry's notifications in.
    """
    assert {each for each in addresses if "hook" in each} == {"/v2/webhooks/events"}


def test_a12_nobody_signs_in_by_what_another_site_says(addresses: set[str]) -> None:
    """Accounts were linked by an e-mail address that nobody had verified."""
    foreign = re.compile("oauth|openid|oidc|saml|callback|omniauth|ldap")
    assert {each for each in addresses if foreign.search(each)} == set()
    assert "/sign-in" in addresses
