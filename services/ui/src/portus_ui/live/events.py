"""One stream as text/event-stream: names of what changed, as far as the viewer may see it.

WHATWG HTML, "Server-sent events". Several hints in quick succession become one event a topic, so
that a push of many tags makes a page look once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Final

from portus_shared.clock import now_us
from portus_shared.errors import PortusError
from portus_ui.domain.topics import Hint, Topic
from portus_ui.live.hub import Stream

KEEP_ALIVE_S: Final = 20.0
LIFE_S: Final = 600.0
_GATHER_S: Final = 0.1


def events(
    stream: Stream,
    may_see: Callable[[Hint], bool],
    *,
    again: bool,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[str]:
    """Yield the stream's text until it ends or is ten minutes old.

    `again` says that the page was connected before: it may have missed something, so it is told
    to look at everything at once.
    """
    end = clock() + LIFE_S
    yield _opening()
    if again:
        yield from _all_of(stream.topics)
    while not stream.is_ended and clock() < end:
        hints, lost = stream.take(min(KEEP_ALIVE_S, max(0.0, end - clock())))
        if hints:
            time.sleep(_GATHER_S)
            more, lost_more = stream.take(0)
            hints, lost = [*hints, *more], lost or lost_more
        if lost:
            yield from _all_of(stream.topics)
        elif hints:
            yield from _named(stream.topics, hints, may_see)
        elif not stream.is_ended:
            yield ": keep-alive\n\n"


def _opening() -> str:
    return f"id: {now_us()}\n\n"


def _all_of(topics: frozenset[Topic]) -> Iterator[str]:
    for topic in sorted(topics, key=lambda topic: topic.kind):
        yield _event(topic, [])


def _named(
    topics: frozenset[Topic], hints: list[Hint], may_see: Callable[[Hint], bool]
) -> Iterator[str]:
    try:
        visible = [hint for hint in dict.fromkeys(hints) if may_see(hint)]
    except PortusError:
        # Whoever cannot be asked now cannot say yes; the page looks again when it reconnects.
        visible = []
    for topic in sorted(topics, key=lambda topic: topic.kind):
        names = [hint.repository for hint in visible if topic in hint.topics()]
        if names:
            yield _event(topic, list(dict.fromkeys(names)))


def _event(topic: Topic, repositories: list[str]) -> str:
    data = json.dumps({"topic": topic.name or topic.kind, "repositories": repositories})
    return f"id: {now_us()}\nevent: {topic.kind}\ndata: {data}\n\n"
