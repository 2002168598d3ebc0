"""Events as a registry writes them, with only what a test cares about said."""

import uuid
from typing import Any

DIGEST = "sha256:" + "a" * 64
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def event(action: str = "push", **changes: Any) -> dict[str, Any]:
    target = {
        "mediaType": MANIFEST,
        "size": 472,
        "digest": DIGEST,
        "length": 472,
        "repository": "team/app",
        "url": f"http://127.0.0.1:5000/v2/team/app/manifests/{DIGEST}",
        "tag": "v1",
    }
    return {
        "id": str(uuid.uuid4()),
        "timestamp": "2026-11-23T18:05:02.382402823Z",
        "action": action,
        "target": target | changes.pop("target", {}),
        "request": {"id": "1", "addr": "10.0.0.9:4", "host": "registry:5000", "method": "PUT"},
        "actor": {"name": "alice"},
        "source": {"addr": "registry:5000", "instanceID": "6d37db43"},
        **changes,
    }


def envelope(*events: Any) -> dict[str, Any]:
    return {"events": list(events)}
