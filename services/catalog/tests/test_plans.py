"""Lists are read by an index in their order, on both databases: a page costs what it shows."""

import pytest
from services.catalog.tests.catalogue import Catalogue
from services.catalog.tests.events import described, digest_of, namespace, pushed, registry, team

from portus_shared.testing.plans import plans, sorts, uses

PAGES = {
    "/repositories?limit=5&sort_attr=full_name": "ix_repositories_full_name_id",
    "/repositories?limit=5&sort_attr=name": "ix_repositories_path_id",
    "/repositories?limit=5&sort_attr=updated_at&sort_order=desc": "ix_repositories_updated_at_id",
    "/repositories?namespace=web": "ix_repositories_namespace_registry_path_alive",
    "/repositories/{id}/tags?limit=5": "ix_tags_repository_id_state_id",
    "/repositories/{id}/tags?limit=5&sort_attr=name": "ix_tags_repository_id_state_name",
    "/repositories/{id}/tags?limit=5&sort_attr=updated_at": (
        "ix_tags_repository_id_state_updated_at_id"
    ),
    "/repositories/{id}/images": "ix_images_repository_id_standing_changed_at_id",
    "/repositories/{id}/images?untagged=true": "ix_images_repository_id_standing_changed_at_id",
    "/repositories/{id}/manifests/{digest}": "ix_tags_repository_id_digest_state_updated_at_id",
    "/activities": "ix_activities_occurred_at_id",
    "/activities?repository_id={id}": "ix_activities_repository_id_occurred_at_id",
}


@pytest.mark.parametrize("who", ["root", "vera"])
def test_each_page_is_read_by_its_index(who: str, catalogue: Catalogue) -> None:
    catalogue.hears(registry(), team(), namespace())
    catalogue.hears(pushed("web/app:1", "image", 1), described("web/app", "image"))
    names = {"id": catalogue.repository("web/app")["id"], "digest": digest_of("image")}
    for page, index in PAGES.items():
        with plans(catalogue.database) as found:
            assert catalogue.asks(f"/api/v1{page.format(**names)}", who).status_code == 200
        by_index = [plan for plan in found if uses(plan, index)]
        assert by_index, (page, found)
        assert "limit=" not in page or not sorts(by_index[0]), (page, by_index)
