"""What a manifest is in a repository (an image with tags, one without, a part of another, gone).

And what a tag is: live, folded into the image it is attached to, gone.
"""

from __future__ import annotations

from typing import Final

TAGGED: Final = "tagged"
UNTAGGED: Final = "untagged"
ATTACHED: Final = "attached"
GONE: Final = "gone"
LIVE: Final = "live"
FOLDED: Final = "folded"


def standing_of(*, here: bool, tagged: bool, attached: bool) -> str:
    """Return a manifest's standing.

    `tagged` counts ordinary tags only; `attached` says that an index lists it, that it has a
    subject, or that a folded tag names it or did once. A tag of its own makes a child an image too.
    """
    if not here:
        return GONE
    if tagged:
        return TAGGED
    return ATTACHED if attached else UNTAGGED
