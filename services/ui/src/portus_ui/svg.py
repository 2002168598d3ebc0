"""Drawings the server makes: the digest mark."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup

_HEX: Final = re.compile(r"[0-9a-f]{9,}")
_STACKS: Final = 5
_HUES: Final = 6


def mark(digest: str) -> Markup:
    """Draw five stacks of one to four boxes from a digest: same image, same mark.

    Decoration only, the digest's text is always beside it; two images may share a mark.
    """
    hexes = digest.partition(":")[2]
    if not _HEX.fullmatch(hexes):
        return Markup()
    boxes = "".join(
        f"M{stack * 6} {12 - box * 4}h5v3h-5z"
        for stack in range(_STACKS)
        for box in range(int(hexes[stack], 16) % 4 + 1)
    )
    hue = int(hexes[8], 16) % _HUES
    return Markup(  # noqa: S704 (digits only, see the pattern above)
        f'<svg class="mark m{hue}" width="29" height="15" viewBox="0 0 29 15" '
        f'fill="currentColor" aria-hidden="true"><path d="{boxes}"/></svg>'
    )
