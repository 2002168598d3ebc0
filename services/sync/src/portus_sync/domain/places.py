"""Where a manifest is; jobs and deletions are found by it."""

from typing import NamedTuple


class Place(NamedTuple):
    """A digest in a repository of a registry."""

    registry: str
    repository: str
    digest: str
