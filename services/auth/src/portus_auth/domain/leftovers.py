"""What becomes of the images of a namespace that is deleted."""

from __future__ import annotations

from enum import StrEnum


class Leftovers(StrEnum):
    """Say what may still lie under the name of a deleted namespace.

    `KEPT` and `DELETING` hold the name, `GONE` gives it free, `RELEASED` is a row whose name was
    given to another namespace since.
    """

    KEPT = "kept"
    DELETING = "deleting"
    GONE = "gone"
    RELEASED = "released"
