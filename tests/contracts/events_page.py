"""docs/events.md: prose that people write around a table that the contracts write."""

import inspect
from pathlib import Path
from typing import Final

from tests.architecture.topology import consumers, publishers
from tests.contracts.shape import Shape, shape_of

from portus_shared.contracts.event import event_types

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "events.md"
_START: Final = "<!-- events: written by tests/contracts/update.py -->"
_END: Final = "<!-- /events -->"


def rendered(page: str) -> str:
    """Return the page with the present table between its two markers."""
    before, _, rest = page.partition(_START)
    _, _, after = rest.partition(_END)
    return f"{before}{_START}\n{_table()}{_END}{after}"


def _table() -> str:
    made, taken = publishers(), consumers()
    rows = ["| event | what it does | fields | from | to |", "|---|---|---|---|---|"]
    for key, event in sorted(event_types().items()):
        meaning = (inspect.getdoc(event) or "").partition("\n")[0]
        rows.append(
            f"| `{key}` | {meaning} | {_fields(shape_of(event))} "
            f"| {_names(made[key])} | {_names(taken[key])} |"
        )
    return "".join(f"{row}\n" for row in rows)


def _fields(shape: Shape) -> str:
    return ", ".join(f"{name}{'' if part['required'] else '?'}" for name, part in shape.items())


def _names(services: set[str]) -> str:
    return ", ".join(sorted(services)) or "nobody yet"
