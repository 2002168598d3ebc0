"""The facts that `flow.py` sends about: pushes, what they hold, and how a registry tells them."""

import hashlib
import random
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from portus_shared.bus import Message, message_of
from portus_shared.contracts import sync as contracts
from portus_shared.contracts.event import Event

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest_of(text: str) -> str:
    """Return a digest that is the same for the same text."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def push_of(number: int, chance: random.Random) -> contracts.ManifestPushed:
    """Return a push of a new image; one of ten moves a tag that is there."""
    tag = chance.randint(0, number) if number % 10 == 0 else number
    at = 1_800_000_000_000_000 + number
    return contracts.ManifestPushed(
        registry="default",
        repository=f"team{chance.randint(0, 9)}/app{chance.randint(0, 9)}",
        digest=digest_of(str(number)),
        media_type=MANIFEST,
        actor="alice",
        occurred_at=datetime.fromtimestamp(at / 1e6, UTC),
        observed_at=at,
        tag=f"v{tag}",
    )


def pushes(count: int) -> list[contracts.ManifestPushed]:
    """Return pushes, the same each time."""
    chance = random.Random(1)
    return [push_of(number, chance) for number in range(count)]


def description_of(push: contracts.ManifestPushed) -> contracts.ManifestDescribed:
    """Return what sync tells of a pushed image."""
    layers = tuple(
        contracts.Layer(digest=digest_of(f"{push.digest}{n}"), media_type="tar", size_bytes=n)
        for n in range(5)
    )
    return contracts.ManifestDescribed(
        registry=push.registry,
        repository=push.repository,
        digest=push.digest,
        media_type=push.media_type,
        size_bytes=1000,
        observed_at=push.observed_at,
        raw="{}" * 400,
        layers=layers,
        config=contracts.ImageConfig(digest=digest_of("c"), os="linux", architecture="amd64"),
    )


def messages_of(events: Sequence[Event]) -> list[Message]:
    """Wrap events as they travel."""
    return [message_of(event, source="sync") for event in events]


def notification_of(push: contracts.ManifestPushed) -> dict[str, Any]:
    """Return a push as a registry tells it."""
    return {
        "id": str(uuid.uuid4()),
        "timestamp": push.occurred_at.isoformat(),
        "action": "push",
        "target": {
            "mediaType": MANIFEST,
            "size": 472,
            "digest": push.digest,
            "length": 472,
            "repository": push.repository,
            "url": f"http://registry:5000/v2/{push.repository}/manifests/{push.digest}",
            "tag": push.tag,
        },
        "request": {"id": "1", "addr": "10.0.0.9:4", "host": "registry:5000", "method": "PUT"},
        "actor": {"name": "alice"},
        "source": {"addr": "registry:5000", "instanceID": "6d37db43"},
    }
