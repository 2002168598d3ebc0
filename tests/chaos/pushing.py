"""A client that pushes one small image after the other and remembers which were acknowledged."""

import hashlib
import json
import threading
from typing import Final, Self
from urllib.parse import urljoin

import requests
from tests.e2e.product import PASSWORD, Product

from portus_shared.testing.images import OCI_MANIFEST, tar_of

_PAUSE_S: Final = 0.15
_TIMEOUT_S: Final = 5
_CONFIG: Final = b'{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}'
_LAYER: Final = tar_of("the same in every image")


class PushFailed(Exception):
    """The registry, or the realm that it sends us to, did not take the image."""


class Pushing:
    """Push to one repository until stopped; `acknowledged` are the digests by tag.

    A push that fails is not repeated: only what the registry has said yes to counts.
    """

    def __init__(self, product: Product, repository: str, user: str) -> None:
        self._product = product
        self._repository = repository
        self._credentials = (user, PASSWORD)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pushing", daemon=True)
        self._number = 0
        self.acknowledged: dict[str, str] = {}
        self.refused = 0

    def push(self, repository: str, tag: str) -> str:
        """Push an image that no other tag has, and return its digest; raises `PushFailed`."""
        try:
            headers = {"Authorization": f"Bearer {self._token(repository)}"}
            blobs = [self._upload(repository, blob, headers) for blob in (_CONFIG, _LAYER)]
            body = _manifest(*blobs, text=f"{repository}:{tag}")
            answer = requests.put(
                f"http://{self._product.host}/v2/{repository}/manifests/{tag}",
                data=body,
                headers={**headers, "Content-Type": OCI_MANIFEST},
                timeout=_TIMEOUT_S,
            )
        except (requests.RequestException, KeyError) as error:
            raise PushFailed(str(error)) from error
        if answer.status_code != 201:
            raise PushFailed(answer.text)
        return str(answer.headers["Docker-Content-Digest"])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(2 * _TIMEOUT_S)

    def _run(self) -> None:
        while not self._stop.wait(_PAUSE_S):
            self._number += 1
            tag = f"t{self._number:05}"
            try:
                self.acknowledged[tag] = self.push(self._repository, tag)
            except PushFailed:
                self.refused += 1

    def _token(self, repository: str) -> str:
        answer = requests.get(
            f"{self._product.url}/v2/token",
            params={
                "service": self._product.host,
                "scope": f"repository:{repository}:pull,push",
            },
            auth=self._credentials,
            timeout=_TIMEOUT_S,
        )
        answer.raise_for_status()
        return str(answer.json()["token"])

    def _upload(self, repository: str, blob: bytes, headers: dict[str, str]) -> tuple[str, int]:
        """Make sure that the repository has the blob; return what a manifest says of it."""
        blobs = f"http://{self._product.host}/v2/{repository}/blobs/"
        digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        known = requests.head(f"{blobs}{digest}", headers=headers, timeout=_TIMEOUT_S)
        if known.status_code != 200:
            begun = requests.post(f"{blobs}uploads/", headers=headers, timeout=_TIMEOUT_S)
            begun.raise_for_status()
            place = urljoin(blobs, begun.headers["Location"])
            done = requests.put(
                place, params={"digest": digest}, data=blob, headers=headers, timeout=_TIMEOUT_S
            )
            done.raise_for_status()
        return digest, len(blob)


def _manifest(config: tuple[str, int], layer: tuple[str, int], *, text: str) -> bytes:
    def descriptor(kind: str, blob: tuple[str, int]) -> dict[str, object]:
        return {
            "mediaType": f"application/vnd.oci.image.{kind}",
            "digest": blob[0],
            "size": blob[1],
        }

    body = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": descriptor("config.v1+json", config),
        "layers": [descriptor("layer.v1.tar", layer)],
        "annotations": {"text": text},
    }
    return json.dumps(body).encode()
