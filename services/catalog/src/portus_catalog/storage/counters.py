"""The only places that change what counts: every change moves the repository's counters along.

The repository row is locked by the transaction, so adding differences is safe; counting anew would
read every tag of a large repository at every push.
"""

from __future__ import annotations

from datetime import datetime

from portus_catalog.domain.standing import GONE, LIVE, TAGGED, UNTAGGED
from portus_catalog.storage.contents import ImageRow, RepositoryRow, TagRow


def set_state(repository: RepositoryRow, tag: TagRow, state: str, at: datetime) -> None:
    """Give a tag its state; one that comes (back) is created now."""
    if tag.state == state:
        return
    repository.tags_count += (state == LIVE) - (tag.state == LIVE)
    if tag.state == GONE:
        tag.created_at = at
    tag.state = state


def set_standing(repository: RepositoryRow, image: ImageRow, standing: str) -> None:
    """Give an image its standing; a repository without any manifest is not alive."""
    before = image.standing
    if before == standing:
        return
    arrives = (standing != GONE) - (before != GONE)
    repository.images_count += (standing == TAGGED) - (before == TAGGED)
    repository.untagged_count += (standing == UNTAGGED) - (before == UNTAGGED)
    repository.manifests_count += arrives
    repository.size_bytes += arrives * (image.size_bytes or 0)
    repository.alive = repository.manifests_count > 0
    image.standing = standing


def set_size(repository: RepositoryRow, image: ImageRow, size_bytes: int | None) -> None:
    """Give an image the size it turned out to have."""
    if image.size_bytes == size_bytes:
        return
    if image.standing != GONE:
        repository.size_bytes += (size_bytes or 0) - (image.size_bytes or 0)
    image.size_bytes = size_bytes
