"""One client for each registry, so that its connections and tokens are reused."""

import threading

from portus_sync.registry.client import RegistryClient
from portus_sync.registry.tokens import TokenSource
from portus_sync.registry.transport import Transport


class RegistryClients:
    """Make clients on demand, from any thread."""

    def __init__(self, tokens: TokenSource) -> None:
        self._tokens = tokens
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str | None], RegistryClient] = {}

    def at(self, url: str, ca: str | None) -> RegistryClient:
        """Return the client of the registry at `url`."""
        with self._lock:
            if (url, ca) not in self._clients:
                self._clients[url, ca] = RegistryClient(Transport(url, ca, self._tokens))
            return self._clients[url, ca]
