"""Lists are read by an index in their order, on both databases: a page costs what it shows."""

from collections.abc import Callable

from flask.testing import FlaskClient

from portus_shared.db import Database
from portus_shared.testing.plans import plans, sorts, uses

PAGES = {
    "deletions?status=done": "ix_deletion_state_number",
    "drift?scan=one": "ix_drift_scan_id_id",
    "drift?kind=moved": "ix_drift_kind_id",
    "scans": "ix_scan_requested_at",
}


def test_each_page_is_read_by_its_index(
    client: FlaskClient, bearer: Callable[..., dict[str, str]], database: Database
) -> None:
    for page, index in PAGES.items():
        with plans(database) as found:
            answer = client.get(f"/api/v1/{page}", headers=bearer(admin=True))
        assert answer.status_code == 200
        [plan] = [plan for plan in found if uses(plan, index)]
        assert not sorts(plan) or page == "scans", plan
