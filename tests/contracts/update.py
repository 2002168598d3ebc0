"""Commit to the present shape of the events, and bring docs/events.md up to date.

Run it after adding an event or an optional field: ``.venv/bin/python -m tests.contracts.update``.
It refuses whatever would break a consumer of the same major version: make a ``.v2`` instead.
"""

import json
import sys

from tests.contracts.events_page import PAGE, rendered
from tests.contracts.shape import breaks, committed, shape_of, snapshot_file

from portus_shared.contracts.event import event_types


def main() -> int:
    """Write snapshots and page, or say what is in the way."""
    before = committed()
    now = {key: shape_of(event) for key, event in event_types().items()}
    faults = [f"{key} is gone" for key in before.keys() - now.keys()]
    for key in before.keys() & now.keys():
        faults += [f"{key}: {fault}" for fault in breaks(before[key], now[key])]
    if faults:
        print("\n".join(sorted(faults)), file=sys.stderr)
        return 1
    for key, shape in now.items():
        snapshot_file(key).parent.mkdir(exist_ok=True)
        snapshot_file(key).write_text(json.dumps(shape, indent=1) + "\n")
    PAGE.write_text(rendered(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
