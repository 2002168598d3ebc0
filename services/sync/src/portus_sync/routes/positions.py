"""Lists that are followed by the number of the last item seen, newest first."""

from typing import Final

from portus_shared.errors import Malformed
from portus_shared.web.paging import Keyset

PAGED: Final = {"after": "cursor of the page before", "limit": "at most so many, up to 100"}


def position_of(page: Keyset) -> int | None:
    """Return the number that a page of a list ends before; raises `Malformed` for other cursors."""
    if page.after is None:
        return None
    (value,) = page.after
    if not isinstance(value, int) or not 0 < value < 2**63:
        raise Malformed("after is not a cursor of this list", field="after")
    return value
