"""What the bus tells this process: repositories that changed, and access that changed.

Volatile on purpose: each ui process listens for itself, and a hint missed while it was away is
made good by the page, which looks again whenever its stream reconnects.
"""

from __future__ import annotations

import threading
from typing import Final

from portus_shared.bus import Bus, Message
from portus_shared.contracts import auth, catalog, codec
from portus_shared.contracts.event import Event
from portus_shared.db import Database
from portus_ui.domain.topics import Hint
from portus_ui.live.hub import Hub
from portus_ui.storage import sessions
from portus_ui.usecases.seeing import Seeing
from portus_ui.usecases.viewers import Viewers

KEYS: Final = tuple(
    event.key
    for event in (
        catalog.RepositoryChanged,
        auth.TeamChanged,
        auth.TeamDeleted,
        auth.NamespaceChanged,
        auth.NamespaceDeleted,
        auth.UserChanged,
        auth.UserDeleted,
    )
)


class Listener:
    """Turn events into hints and forget what may no longer hold."""

    def __init__(self, hub: Hub, seeing: Seeing, viewers: Viewers, database: Database) -> None:
        self._hub = hub
        self._seeing = seeing
        self._viewers = viewers
        self._database = database

    def run(self, bus: Bus, stop: threading.Event) -> None:
        """Listen until `stop` is set."""
        bus.broadcast(KEYS, self.on_message, stop)

    def on_message(self, message: Message) -> None:
        """Handle one event."""
        event = codec.decode(message.key, message.body)
        if isinstance(event, catalog.RepositoryChanged):
            self._hub.publish(
                Hint(repository=event.repository, namespace=event.namespace, change=event.change)
            )
            return
        self._access_changed(event)

    def _access_changed(self, event: Event) -> None:
        self._seeing.forget()
        if isinstance(event, auth.UserDeleted) or (
            isinstance(event, auth.UserChanged) and not event.enabled
        ):
            self._user_gone(event.username)
        elif isinstance(event, auth.UserChanged):
            self._viewers.forget(event.username)
        else:
            # Members and rights moved: every page asks again, with what it may see now.
            self._hub.end_all()

    def _user_gone(self, username: str) -> None:
        with self._database.write() as session:
            sessions.remove_of(session, username)
        self._viewers.forget(username)
        self._hub.end_of(username)
