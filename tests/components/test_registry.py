"""A real registry takes what skopeo pushes and tells about it."""

import json
import queue
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from portus_shared.testing.clients import Skopeo, SkopeoFailed
from portus_shared.testing.images import OCI_INDEX, Platform, build_image, build_index
from portus_shared.testing.registry import NotifyEndpoint, Registry
from portus_shared.testing.servers import serve


def test_a_pushed_image_keeps_its_digest(
    registry: Callable[..., Registry], skopeo: Skopeo, tmp_path: Path
) -> None:
    image = build_image(tmp_path / "image", text="one", layers=2)
    reference = f"{registry().host}/team/app:1.0"
    skopeo.push(image, reference)
    manifest = json.loads(skopeo.inspect(reference))
    assert len(manifest["layers"]) == 2
    skopeo.pull(f"{reference.removesuffix(':1.0')}@{image.digest}", tmp_path / "pulled")


def test_a_pushed_index_brings_all_its_platforms(
    registry: Callable[..., Registry], skopeo: Skopeo, tmp_path: Path
) -> None:
    platforms = [Platform(), Platform(architecture="arm64", variant="v8")]
    index = build_index(tmp_path / "index", platforms)
    reference = f"{registry().host}/team/app:multi"
    skopeo.push(index, reference)
    manifest = json.loads(skopeo.inspect(reference))
    assert manifest["mediaType"] == OCI_INDEX
    assert [each["digest"] for each in manifest["manifests"]] == list(index.children)


def test_docker_s_older_format_can_be_pushed_too(
    registry: Callable[..., Registry], skopeo: Skopeo, tmp_path: Path
) -> None:
    image = build_image(tmp_path / "image")
    reference = f"{registry().host}/app:old"
    skopeo.push(image, reference, None, "--format=v2s2")
    manifest = json.loads(skopeo.inspect(reference))
    assert manifest["mediaType"] == "application/vnd.docker.distribution.manifest.v2+json"


def test_the_registry_posts_a_notification_for_each_push(
    registry: Callable[..., Registry], skopeo: Skopeo, tmp_path: Path
) -> None:
    received: queue.Queue[dict[str, Any]] = queue.Queue()

    def endpoint(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        received.put({"secret": environ["HTTP_AUTHORIZATION"], **json.loads(body)})
        start_response("202 Accepted", [])
        return [b""]

    image = build_image(tmp_path / "image")
    with serve(endpoint) as url:
        running = registry(notify=[NotifyEndpoint(url=url, headers={"Authorization": "Bearer s"})])
        skopeo.push(image, f"{running.host}/team/app:1.0")
        told = received.get(timeout=10)
        while told["events"][0]["target"]["digest"] != image.digest:
            told = received.get(timeout=10)
    assert told["secret"] == "Bearer s"
    assert told["events"][0]["action"] == "push"


def test_the_registry_starts_again_with_its_images(
    registry: Callable[..., Registry], skopeo: Skopeo, tmp_path: Path
) -> None:
    running = registry()
    skopeo.push(build_image(tmp_path / "image"), f"{running.host}/app:1.0")
    running.kill()
    running.start_again()
    assert skopeo.inspect(f"{running.host}/app:1.0")


def test_a_missing_image_is_a_failure_with_skopeo_s_own_words(
    registry: Callable[..., Registry], skopeo: Skopeo
) -> None:
    with pytest.raises(SkopeoFailed, match="manifest unknown"):
        skopeo.inspect(f"{registry().host}/app:absent")
