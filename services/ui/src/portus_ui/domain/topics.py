"""What a page may ask to be told about: one repository, one namespace, or the feed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portus_shared.errors import Malformed
from portus_shared.names import GLOBAL, is_namespace_name, is_repository_name

FEED: Final = "feed"
_MAX_TOPICS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One subject of hints; `name` is empty for the feed."""

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Something changed in a repository; names only, never data."""

    repository: str
    namespace: str
    change: str

    def topics(self) -> tuple[Topic, ...]:
        """Return what the hint is about."""
        return (
            Topic(kind="repository", name=self.repository),
            Topic(kind="namespace", name=self.namespace),
            Topic(kind=FEED),
        )


def parse_topics(text: str) -> frozenset[Topic]:
    """Read ``repository:ns/name,namespace:ns,feed``; raises `Malformed`."""
    words = [word for word in text.split(",") if word]
    if not 1 <= len(words) <= _MAX_TOPICS:
        message = f"topics must name 1 to {_MAX_TOPICS} topics"
        raise Malformed(message, field="topics")
    return frozenset(_topic(word) for word in words)


def _topic(word: str) -> Topic:
    kind, _, name = word.partition(":")
    if kind == FEED and not name:
        return Topic(kind=FEED)
    if kind == "namespace" and (name == GLOBAL or is_namespace_name(name)):
        return Topic(kind=kind, name=name)
    if kind == "repository" and is_repository_name(name):
        return Topic(kind=kind, name=name)
    message = "a topic is repository:<name>, namespace:<name> or feed"
    raise Malformed(message, field="topics")
