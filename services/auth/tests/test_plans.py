"""Lists are read by an index, on both databases: a page costs what it shows."""

from services.auth.tests.people import People

from portus_auth.app import Auth
from portus_shared.testing.plans import plans, sorts, uses

PAGES = {
    "decisions": "ix_decisions_last_at_id",
    "decisions?outcome=failed": "ix_decisions_outcome_last_at_id",
    "decisions?repository=a/b": "ix_decisions_repository_last_at_id",
    "decisions?user=root": "ix_decisions_user_id_last_at_id",
}


def test_each_page_of_decisions_is_read_by_its_index(auth: Auth, people: People) -> None:
    for page, index in PAGES.items():
        with plans(auth.database) as found:
            answer = people.root.get(f"/api/v1/{page}")
        assert answer.status_code == 200
        [plan] = [plan for plan in found if uses(plan, index)]
        assert not sorts(plan), plan
