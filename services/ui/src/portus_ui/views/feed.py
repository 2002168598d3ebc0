"""The feed: who did what, newest first, one item a push however many tags it had."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from portus_ui.views.deeds import DELETED, PUSHED, deed_of
from portus_ui.views.formats import Moment, moment

Json = Mapping[str, Any]
# The tags of cosign, and of the list of what is attached where a registry keeps none itself.
_MADE_OF_A_DIGEST: Final = re.compile(r"(sha256|sha512)-([a-f0-9]{64,128})(\.[a-z]+)?")
_ATTACHED: Final = {".sig": "a signature", ".att": "an attestation", ".sbom": "an SBOM"}
_SOMETHING: Final = "something"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One thing somebody did, `text` says what; several tags of one push are one item."""

    key: str
    actor: str
    text: str
    repository: str
    tags: tuple[str, ...]
    digest: str
    when: Moment | None


def feed_items(activities: Sequence[Json], now: datetime) -> list[FeedItem]:
    """Make the feed, newest first; neighbours that are one push, or one deletion, become one item.

    A client pushes the platforms of an index just before its tag: they belong to the same push.
    They are deleted just after it, and belong to the same deletion.
    """
    items: list[FeedItem] = []
    for activity in activities:
        item = _feed_item(activity, now)
        last = items[-1] if items else None
        if last and _same_push(last, item):
            tags = tuple(dict.fromkeys((*item.tags, *last.tags)))
            items[-1] = replace(last, tags=tags)
        elif last and _is_part_of_deletion(last, item):
            items[-1] = item
        else:
            items.append(item)
    return items


def _feed_item(activity: Json, now: datetime) -> FeedItem:
    deed, tag = deed_of(activity), activity.get("tag")
    to, text = _attached(tag or "") if deed.text == PUSHED else ("", "")
    tags = (tag,) if tag else _tags_gone(activity)
    return FeedItem(
        key=str(activity["id"]),
        actor=deed.actor,
        text=text or deed.text,
        repository=activity.get("repository") or "",
        tags=() if to else tags,
        digest=to or activity.get("digest") or "",
        when=moment(activity["occurred_at"], now),
    )


def _attached(tag: str) -> tuple[str, str]:
    """Return what a tag made of a digest attaches something to, and how to say it."""
    made = _MADE_OF_A_DIGEST.fullmatch(tag)
    if made is None:
        return "", ""
    return f"{made[1]}:{made[2]}", f"attached {_ATTACHED.get(made[3] or '', _SOMETHING)} to"


def _same_push(later: FeedItem, earlier: FeedItem) -> bool:
    one = (later.actor, later.text, later.repository)
    if _is_referrer(later, earlier):
        return True
    if one != (earlier.actor, earlier.text, earlier.repository):
        return False
    if earlier.tags:
        return later.digest == earlier.digest
    return bool(later.tags) and later.text == PUSHED


def _is_referrer(later: FeedItem, earlier: FeedItem) -> bool:
    """Tell whether a manifest is what the list of what is attached was pushed for."""
    is_list = later.text == f"attached {_SOMETHING} to"
    alike = (later.actor, later.repository) == (earlier.actor, earlier.repository)
    return is_list and alike and earlier.text == PUSHED and not earlier.tags


def _is_part_of_deletion(later: FeedItem, earlier: FeedItem) -> bool:
    one = (later.actor, later.text, later.repository)
    same = one == (earlier.actor, earlier.text, earlier.repository)
    return same and later.text == DELETED and not later.tags


def _tags_gone(activity: Json) -> tuple[str, ...]:
    """Return the tags that went with a deleted image."""
    return tuple((activity.get("details") or {}).get("tags") or ())
