"""Whatever dies under a running push loop, no acknowledged push is lost and all comes back."""

from typing import Final

import pytest
from tests.chaos.pushing import Pushing
from tests.chaos.site import Site

from portus_shared.testing.postgres import PostgreSQL
from portus_shared.testing.waiting import wait_until

pytestmark = pytest.mark.slow

PARTS: Final = (
    "auth",
    "sync",
    "catalog",
    "ui",
    "auth-worker",
    "sync-worker",
    "catalog-worker",
    "rabbitmq",
    "epmd",
    "front",
    "registry",
)


def test_no_acknowledged_push_is_lost_when_any_process_is_killed(
    site: Site, database: PostgreSQL
) -> None:
    with Pushing(site.product, "root/loop", "root") as pushing:
        site.works(pushing)
        for part in PARTS:
            site.kill(part)
            site.works(pushing)
        database.kill()
        database.start_again()
        site.works(pushing)
    assert len(pushing.acknowledged) > 3 * len(PARTS), f"{pushing.refused} were refused"

    def missing() -> dict[str, str]:
        known = site.digests("root/loop")
        return {
            tag: digest for tag, digest in pushing.acknowledged.items() if known.get(tag) != digest
        }

    wait_until(lambda: not missing(), 30, what="every acknowledged push is in the catalogue")
