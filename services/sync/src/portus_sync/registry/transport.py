"""Requests to one registry: a session per thread, tokens, bounded time, sizes and retries."""

import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from portus_sync.registry.challenge import bearer
from portus_sync.registry.errors import Refused, RegistryError, TooLarge
from portus_sync.registry.tokens import TokenSource

_TIMEOUT_S: Final = (3.0, 30.0)
_CHUNK_BYTES: Final = 64 * 1024
_MAX_ERROR_BYTES: Final = 256 * 1024
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A registry's whole answer; header names are looked up in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Send requests to the registry at `url`; `ca` is the PEM of its private authority, if any."""

    def __init__(self, url: str, ca: str | None, tokens: TokenSource) -> None:
        self.url = url.rstrip("/")
        self._ca = ca
        self._tokens = tokens
        self._local = threading.local()
        self._service: str | None = None

    def send(
        self,
        method: str,
        path: str,
        *,
        scope: str,
        limit_bytes: int,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer to one request, authorised for `scope` where the registry asks for it.

        Raises `Refused`, `TooLarge` (the body exceeds `limit_bytes`) or `RegistryError`.
        """
        given = dict(headers or {})
        try:
            response = self._authorised(method, path, scope, given)
            if response.status_code in _REDIRECTS:
                response = self._follow(method, response)
            return _answer(response, limit_bytes)
        except (requests.RequestException, OSError) as error:
            message = f"{urlsplit(self.url).netloc} does not answer: {type(error).__name__}"
            raise RegistryError(message) from error

    def _authorised(
        self, method: str, path: str, scope: str, headers: dict[str, str]
    ) -> requests.Response:
        service = self._service
        if service is not None:
            headers["Authorization"] = f"Bearer {self._tokens.token(service, scope)}"
        response = self._request(method, self.url + path, headers)
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            return response
        response.close()
        self._service = _service_of(response)
        self._tokens.forget(self._service, scope)
        headers["Authorization"] = f"Bearer {self._tokens.token(self._service, scope)}"
        return self._request(method, self.url + path, headers)

    def _follow(self, method: str, response: requests.Response) -> requests.Response:
        """Ask where the registry points to, without the token: storage is somebody else."""
        response.close()
        target = urljoin(response.url, response.headers.get("Location", ""))
        if urlsplit(target).scheme not in {"http", "https"}:
            raise RegistryError("the registry redirects to something that is not HTTP")
        return self._request(method, target, {})

    def _request(self, method: str, url: str, headers: Mapping[str, str]) -> requests.Response:
        return self._session().request(
            method,
            url,
            headers=dict(headers),
            timeout=_TIMEOUT_S,
            allow_redirects=False,
            stream=True,
        )

    def _session(self) -> requests.Session:
        """Return this thread's session: requests does not promise to share one safely."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.headers["User-Agent"] = "portus-sync"
            adapter = _Adapter(self._ca)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._local.session = session
        return session


class _Adapter(HTTPAdapter):
    """Retry what may be repeated, and believe a registry's private authority."""

    def __init__(self, ca: str | None) -> None:
        self._context = ssl.create_default_context()
        if ca:
            self._context.load_verify_locations(cadata=ca)
        retry = Retry(
            total=3,
            backoff_factor=0.2,
            status_forcelist=(429, 502, 503, 504),
            allowed_methods=("GET", "HEAD"),
            respect_retry_after_header=False,
            raise_on_status=False,
        )
        super().__init__(pool_maxsize=1, max_retries=retry)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **options)


def _service_of(response: requests.Response) -> str:
    challenge = bearer(response.headers.get("WWW-Authenticate", ""))
    if challenge is None:
        raise Refused("the registry does not use token authentication")
    return challenge.get("service", "")


def _answer(response: requests.Response, limit_bytes: int) -> Answer:
    with response:
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            raise Refused("the registry does not accept sync's token")
        limit = limit_bytes if response.status_code == HTTPStatus.OK else _MAX_ERROR_BYTES
        body = bytearray()
        for chunk in response.iter_content(_CHUNK_BYTES):
            body += chunk
            if len(body) > limit:
                raise TooLarge(f"a body is larger than {limit} bytes")
        return Answer(status=response.status_code, headers=response.headers, body=bytes(body))
