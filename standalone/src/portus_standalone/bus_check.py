"""Whether the broker that a person named can be used.

Asked in a process of its own: the broker's client starts threads, beside which the runner must
not fork.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from typing import Final
from urllib.parse import urlsplit

from portus_shared.bus import open_bus
from portus_standalone.refusal import Refusal

_VARIABLE: Final = "PORTUS_BUS_URL"


def require_bus(url: str) -> None:
    """Raise `Refusal` unless events can be sent there now."""
    command = [sys.executable, "-m", "portus_standalone.bus_check"]
    environ = {**os.environ, _VARIABLE: url}
    done = subprocess.run(command, env=environ, capture_output=True, check=False)
    if done.returncode != 0:
        parts = urlsplit(url)
        place = f"{parts.hostname}:{parts.port or 5672}"
        raise Refusal(
            f"no RabbitMQ can be used at {place}: it does not answer, or it does not know the "
            "user, the password or the virtual host. Check --bus."
        )


def main() -> int:
    """Return 0 when the broker takes events."""
    with closing(open_bus(os.environ[_VARIABLE])) as bus:
        return 0 if bus.is_up() else 1


if __name__ == "__main__":
    sys.exit(main())
