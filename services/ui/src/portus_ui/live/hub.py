"""The hub: who listens to what, and a bounded queue for each of them.

A hint costs the publisher no more than a dictionary walk: whether the viewer may know is asked
later, on the stream's own thread. A full queue is emptied into one "look at everything again".
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

from portus_ui.domain.topics import Hint, Topic
from portus_ui.live.recent import Recent

QUEUE: Final = 50
PER_VISITOR: Final = 8
"""Open pages of one browser, and of one address without an account where there are few places."""


class NoRoom(Exception):
    """Say that no more streams can be served now."""


@dataclass(slots=True, kw_only=True, eq=False)
class Stream:
    """One open page: its topics, its owner and what it has not been told yet.

    `visitor` is the browser of somebody with an account, "" for others; `site` where it is.
    """

    topics: frozenset[Topic]
    visitor: str
    username: str | None
    site: str = ""
    _hints: deque[Hint] = field(default_factory=deque)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _overflowed: bool = False
    _ended: bool = False

    def put(self, hint: Hint) -> None:
        """Add a hint; never blocks."""
        with self._news:
            if len(self._hints) >= QUEUE:
                self._hints.clear()
                self._overflowed = True
            self._hints.append(hint)
            self._news.notify_all()

    def lose(self) -> None:
        """Note that hints were lost: the page looks at everything again."""
        with self._news:
            self._overflowed = True
            self._news.notify_all()

    def end(self) -> None:
        """Let the stream end now."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    @property
    def is_ended(self) -> bool:
        """Tell whether the stream was told to end."""
        return self._ended

    def take(self, timeout_s: float) -> tuple[list[Hint], bool]:
        """Wait for hints; return them, and whether some were lost before them."""
        with self._news:
            self._news.wait_for(lambda: self._hints or self._overflowed or self._ended, timeout_s)
            hints, overflowed = list(self._hints), self._overflowed
            self._hints.clear()
            self._overflowed = False
            return hints, overflowed


class Hub:
    """Hand hints to the streams that asked for them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._streams: OrderedDict[int, Stream] = OrderedDict()
        self._recent = Recent()
        self._closed = False

    def position(self) -> str:
        """Return where the hints are now; a page takes it before it reads what it shows."""
        return self._recent.position()

    def open(
        self,
        topics: frozenset[Topic],
        *,
        visitor: str,
        username: str | None,
        site: str = "",
        since: str = "",
    ) -> Stream:
        """Register a stream; raises `NoRoom` at the limit.

        It hears first what came after the position `since`. One browser's ninth stream ends its
        first: a page that was left is noticed only when something is written to it.
        """
        stream = Stream(topics=topics, visitor=visitor, username=username, site=site)
        with self._lock:
            self._make_room(stream)
            self._streams[id(stream)] = stream
        if since:
            self._tell_missed(stream, since)
        return stream

    def leave(self, stream: Stream) -> None:
        """Forget a stream."""
        with self._lock:
            self._streams.pop(id(stream), None)

    def publish(self, hint: Hint) -> None:
        """Tell every stream that asked for one of the hint's topics."""
        about = set(hint.topics())
        self._recent.add(hint)
        for stream in self._open():
            if stream.topics & about:
                stream.put(hint)

    def end_of(self, username: str) -> None:
        """End the streams of one user."""
        for stream in self._open():
            if stream.username == username:
                stream.end()

    def end_of_visitor(self, visitor: str) -> None:
        """End the streams of one browser."""
        for stream in self._open():
            if stream.visitor == visitor:
                stream.end()

    def end_all(self) -> None:
        """End every stream; pages reconnect, through the same checks."""
        for stream in self._open():
            stream.end()

    def close(self) -> None:
        """End every stream and take no more."""
        self._closed = True
        self.end_all()

    @property
    def size(self) -> int:
        """Return how many streams are open."""
        return len(self._streams)

    def _make_room(self, stream: Stream) -> None:
        """End the oldest stream of the same browser, or raise `NoRoom`.

        Who has no account takes no more than three places in four, and an eighth from one
        address: whoever opens streams by the hundred leaves some for others. Theirs are refused,
        not ended, as behind one address there may be many people.
        """
        if self._closed:
            raise NoRoom
        living = [each for each in self._streams.values() if not each.is_ended]
        alike = [each for each in living if each.visitor == stream.visitor]
        if stream.visitor and len(alike) >= PER_VISITOR:
            alike[0].end()
        elif len(self._streams) >= self._limit:
            raise NoRoom
        elif not stream.visitor:
            here = sum(each.site == stream.site for each in alike)
            most, most_here = self._limit - self._limit // 4, max(PER_VISITOR, self._limit // 8)
            if len(alike) >= most or here >= most_here:
                raise NoRoom

    def _tell_missed(self, stream: Stream, since: str) -> None:
        missed = self._recent.since(since)
        if missed is None:
            stream.lose()
        for hint in missed or ():
            if stream.topics & set(hint.topics()):
                stream.put(hint)

    def _open(self) -> list[Stream]:
        with self._lock:
            return list(self._streams.values())
