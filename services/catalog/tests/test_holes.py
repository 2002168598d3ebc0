"""The original's security holes, by number, as far as the catalogue could have them again."""

from __future__ import annotations

from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import namespace, pushed, registry, team


def test_a8_a_star_shows_nothing_of_a_private_repository(catalogue: Catalogue) -> None:
    """Starring answered with the repository, whoever asked."""
    catalogue.hears(registry(), team(), namespace("web", "private"), pushed("web/app:1", "x", 1))
    star = f"/api/v1/repositories/{catalogue.repository('web/app')['id']}/star"
    missing = catalogue.asks("/api/v1/repositories/999999/star", "eve", method="PUT")
    for method in ("PUT", "DELETE"):
        for who in ("eve", ""):
            hidden = catalogue.asks(star, who, method=method)
            assert hidden.status_code == 404
            assert "web" not in hidden.text
            assert (hidden.json or {})["message"] == (missing.json or {})["message"]
    assert catalogue.asks(star, None, method="PUT").status_code == 401
    assert catalogue.repository("web/app")["stars"] == 0
