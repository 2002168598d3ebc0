"""Which ports of this machine the parts answer on: chosen once, then kept.

Only the parts themselves use them, so whoever runs Portus need not choose; kept, because
operators point their monitoring at them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from portus_standalone.addresses import Address
from portus_standalone.refusal import Refusal
from portus_standalone.state import write_private

HOST: Final = "127.0.0.1"
SERVERS: Final = ("auth", "sync", "catalog", "ui")
WORKERS: Final = ("auth-worker", "sync-worker", "catalog-worker")
BROKER: Final = ("rabbitmq", "rabbitmq-peers", "epmd")

# Below those that the system gives to outgoing connections, which take them at random.
_CHOICE: Final = range(20_000, 32_000)

Ports = Mapping[str, int]


def read_ports(file: Path) -> Ports:
    """Return the ports that were chosen, none before the first start."""
    return json.loads(file.read_text()) if file.exists() else {}


def keep_ports(
    file: Path, names: Collection[str], *, taken: Collection[int], say: Callable[[str], None]
) -> Ports:
    """Return a free port for each name, the one it had before where that is still free."""
    before = read_ports(file)
    kept = {name: before[name] for name in names if _is_free(before.get(name), taken)}
    fresh = _free_ports({*taken, *before.values()})
    ports = {name: kept[name] if name in kept else next(fresh) for name in names}
    for name in names:
        if name in before and name not in kept:
            say(f"Port {before[name]} of {name} is taken; it moves to {ports[name]}.")
    write_private(file, json.dumps({**before, **ports}, indent=1))
    return ports


def local_url(port: int) -> str:
    """Return the origin of what answers on `port`."""
    return f"http://{HOST}:{port}"


def _is_free(port: int | None, taken: Collection[int]) -> bool:
    return (
        port is not None and port not in taken and Address(host=HOST, port=port).obstacle() is None
    )


def _free_ports(avoid: Collection[int]) -> Iterator[int]:
    """Yield free ports, one after the other from a random one on."""
    start = random.choice(_CHOICE)  # noqa: S311 (no secret)
    for port in (*range(start, _CHOICE.stop), *range(_CHOICE.start, start)):
        if port not in avoid and Address(host=HOST, port=port).obstacle() is None:
            yield port
    raise Refusal(f"no port of {HOST} from {_CHOICE.start} to {_CHOICE.stop} is free.")
