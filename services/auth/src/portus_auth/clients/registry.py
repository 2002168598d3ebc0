"""Whether a registry answers at an address: one bounded request that follows no redirect."""

from __future__ import annotations

from typing import Final

import requests
from requests.exceptions import ConnectionError as NoConnection, SSLError, Timeout

_TIMEOUT: Final = (2.0, 3.0)
_MARK: Final = "Docker-Distribution-Api-Version"


def fault_of(url: str) -> str | None:
    """Ask for `/v2/` below `url`; return what is wrong, or None where a registry answers.

    Nothing of the answer is told but its status: the address may be anybody's.
    """
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(f"{url}/v2/", timeout=_TIMEOUT, allow_redirects=False, stream=True)
        except SSLError:
            return "cannot be reached with TLS: its certificate is not trusted, or it has none"
        except Timeout:
            return "did not answer in time"
        except NoConnection:
            return "cannot be reached"
        except (requests.RequestException, ValueError):
            return "does not answer as a registry"
        with answer:
            known = answer.status_code in {200, 401} and _MARK in answer.headers
            return None if known else f"is no registry: it answered {answer.status_code} to /v2/"
