import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from portus_sync.domain.configs import read_config
from portus_sync.domain.digests import matches
from portus_sync.domain.manifests import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    Description,
    describe,
)

CONFIG = "sha256:" + "c" * 64
LAYER = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"


def described(manifest: Any, media_type: str) -> Description:
    return describe(json.dumps(manifest).encode(), media_type)


def image(config_type: str = OCI_CONFIG, **more: Any) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "config": {"mediaType": config_type, "digest": CONFIG, "size": 100},
        "layers": [
            {"mediaType": "x/layer", "digest": LAYER, "size": 1_000},
            {"mediaType": "x/layer", "digest": OTHER, "size": 2_000},
        ],
        **more,
    }


@pytest.mark.parametrize(
    ("media_type", "config_type"),
    [(DOCKER_MANIFEST, DOCKER_CONFIG), (OCI_MANIFEST, OCI_CONFIG)],
)
def test_image_is_as_large_as_its_config_and_layers(media_type: str, config_type: str) -> None:
    found = described(image(config_type), media_type)
    assert found.size_bytes == 3_100
    assert found.config_digest == CONFIG
    assert [layer.digest for layer in found.layers] == [LAYER, OTHER]
    assert (found.artifact_type, found.subject, found.children) == (None, None, ())
    assert found.raw is not None
    assert json.loads(found.raw) == image(config_type)


@pytest.mark.parametrize("media_type", [DOCKER_LIST, OCI_INDEX])
def test_index_lists_its_platforms_and_has_no_size(media_type: str) -> None:
    attestation = {"vnd.docker.reference.type": "attestation-manifest"}
    found = described(
        {
            "manifests": [
                {
                    "mediaType": OCI_MANIFEST,
                    "digest": LAYER,
                    "size": 7,
                    "platform": {"os": "linux", "architecture": "arm", "variant": "v7"},
                },
                {
                    "mediaType": OCI_MANIFEST,
                    "digest": OTHER,
                    "size": 8,
                    "platform": {"os": "windows", "architecture": "amd64", "os.version": "10.0"},
                },
                {"mediaType": OCI_MANIFEST, "digest": CONFIG, "annotations": attestation},
            ]
        },
        media_type,
    )
    assert found.size_bytes is None
    assert [(c.os, c.architecture, c.variant, c.os_version) for c in found.children] == [
        ("linux", "arm", "v7", None),
        ("windows", "amd64", None, "10.0"),
        (None, None, None, None),
    ]
    assert found.children[2].annotations == attestation


def test_artifact_tells_its_type_and_subject() -> None:
    found = described(
        image(
            "application/vnd.oci.empty.v1+json",
            artifactType="application/spdx+json",
            subject={"mediaType": OCI_MANIFEST, "digest": OTHER, "size": 5},
            annotations={"org.opencontainers.image.title": "sbom", "odd": 7},
        ),
        OCI_MANIFEST,
    )
    assert (found.artifact_type, found.subject) == ("application/spdx+json", OTHER)
    assert found.config_digest is None
    assert found.annotations == {"org.opencontainers.image.title": "sbom"}


def test_helm_chart_is_an_artifact_of_its_config_type() -> None:
    helm = "application/vnd.cncf.helm.config.v1+json"
    found = described(image(helm), OCI_MANIFEST)
    assert (found.artifact_type, found.config_digest) == (helm, None)
    assert found.size_bytes == 3_100


def test_schema_1_has_neither_size_nor_config() -> None:
    media_type = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    found = described({"schemaVersion": 1, "fsLayers": [{"blobSum": LAYER}]}, media_type)
    assert (found.media_type, found.size_bytes, found.layers) == (media_type, None, ())


def test_layer_without_a_size_leaves_the_total_unknown() -> None:
    found = described(image(layers=[{"digest": LAYER}]), OCI_MANIFEST)
    assert (found.size_bytes, found.layers) == (None, ())


@pytest.mark.parametrize(
    "size",
    ["-1", "9223372036854775808", "9" * 5001, "1.5", '"7"', "true", "null", "1e400"],
    ids=lambda size: size[:12],
)
def test_impossible_size_is_unknown(size: str) -> None:
    body = f'{{"config": {{"digest": "{CONFIG}", "size": {size}}}}}'
    assert describe(body.encode(), OCI_MANIFEST).size_bytes is None


@pytest.mark.parametrize("body", [b"", b"\x00", b"\xff", b"[" * 100_000, b"null", b"[1]"])
def test_anything_else_is_described_as_unknown(body: bytes) -> None:
    found = describe(body, "")
    assert (found.media_type, found.size_bytes) == ("application/octet-stream", None)


def test_raw_is_absent_when_it_is_too_long_or_no_text() -> None:
    assert describe(b'"' + b"x" * (4 * 1024 * 1024) + b'"', OCI_MANIFEST).raw is None
    assert describe(b"\xff", OCI_MANIFEST).raw is None


def test_config_facts() -> None:
    body = {
        "os": "linux",
        "architecture": "arm64",
        "variant": "v8",
        "created": "2026-01-02T03:04:05Z",
        "config": {
            "Env": ["A=1"],
            "Cmd": "/bin/sh",
            "Entrypoint": ["/init"],
            "User": "1000",
            "Labels": {"a": "b"},
            "ExposedPorts": {"80/tcp": {}},
        },
        "history": [{"created_by": "RUN", "empty_layer": True}, 7],
    }
    found = read_config(CONFIG, json.dumps(body).encode())
    assert (found.os, found.architecture, found.variant) == ("linux", "arm64", "v8")
    assert (found.env, found.cmd, found.entrypoint) == (("A=1",), ("/bin/sh",), ("/init",))
    assert (found.user, found.labels, found.exposed_ports) == ("1000", {"a": "b"}, ("80/tcp",))
    assert [(step.created_by, step.empty_layer) for step in found.history] == [("RUN", True)]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
NAMES = [
    *("config", "layers", "manifests", "mediaType", "digest", "size", "annotations", "subject"),
    *("platform", "os", "history", "Labels", "Env", "Cmd", "artifactType", "signatures", "blobs"),
]
odd = st.recursive(
    json_values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=15,
)


@given(body=st.binary() | odd.map(lambda value: json.dumps(value).encode()))
def test_describing_never_raises_and_its_texts_can_be_stored(body: bytes) -> None:
    found = f"{describe(body, '')}{read_config(CONFIG, body)}"
    found.encode()
    assert "\x00" not in found
    matches(body, CONFIG)


def signed(payload: bytes) -> bytes:
    """Sign as schema 1 does: the signatures are put in before the closing brace."""
    head, tail = payload[:-2], payload[-2:]
    protected = {"formatLength": len(head), "formatTail": base64.urlsafe_b64encode(tail).decode()}
    encoded = base64.urlsafe_b64encode(json.dumps(protected).encode()).decode().rstrip("=")
    signatures = json.dumps([{"protected": encoded, "signature": "x"}])
    return head + f',\n "signatures": {signatures}\n'.encode() + b"}"


def test_digest_is_that_of_the_body_or_of_the_signed_payload() -> None:
    payload = b'{\n "schemaVersion": 1\n}'
    sha256 = "sha256:" + hashlib.sha256(payload).hexdigest()
    assert matches(payload, sha256)
    assert matches(payload, "sha512:" + hashlib.sha512(payload).hexdigest())
    assert matches(signed(payload), sha256)
    assert not matches(payload + b" ", sha256)
    assert not matches(payload, "md5:" + hashlib.md5(payload).hexdigest())  # noqa: S324
