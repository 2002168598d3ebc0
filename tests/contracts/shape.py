"""The shape of an event as it crosses the queue, as plain data that can be committed."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from marshmallow import Schema, fields

from portus_shared.contracts.event import Event, schema_of

SNAPSHOTS: Final = Path(__file__).parent / "snapshots"
_NAMES: Final = {
    fields.AwareDateTime: "date-time",
    fields.Boolean: "boolean",
    fields.Dict: "object",
    fields.Integer: "integer",
    fields.String: "string",
}
Shape = dict[str, Any]


def shape_of(event: type[Event]) -> Shape:
    """Return each field's type, whether it must be there, and whether it may be null."""
    return _shape_of_schema(schema_of(event))


def snapshot_file(key: str) -> Path:
    """Return where the committed shape of an event is."""
    return SNAPSHOTS / f"{key}.json"


def committed() -> Mapping[str, Shape]:
    """Return all committed shapes by key."""
    return {file.stem: json.loads(file.read_text()) for file in sorted(SNAPSHOTS.glob("*.json"))}


def breaks(old: Shape, new: Shape, path: str = "") -> Iterator[str]:
    """Yield a sentence for each way in which `new` could not talk to whoever speaks `old`."""
    for name, was in old.items():
        if name not in new:
            yield f"{path}{name} is gone"
            continue
        now = new[name]
        yield from (
            f"{path}{name}: {what} was {was[what]}, is {now[what]}"
            for what in ("type", "required", "nullable")
            if was[what] != now[what]
        )
        yield from breaks(was.get("fields", {}), now.get("fields", {}), f"{path}{name}.")
    for name in new.keys() - old.keys():
        if new[name]["required"]:
            yield f"{path}{name} is new and required: only optional fields may be added"


def example(shape: Shape) -> dict[str, Any]:
    """Return the smallest body that somebody who knows only this shape would send."""
    return {name: _example_value(part) for name, part in shape.items() if part["required"]}


def _shape_of_schema(schema: Schema) -> Shape:
    return {name: _shape_of_field(field) for name, field in sorted(schema.fields.items())}


def _shape_of_field(field: fields.Field[Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"required": field.required, "nullable": field.allow_none}
    inner = field.inner if isinstance(field, fields.List) else field
    if isinstance(inner, fields.Nested):
        described |= {"type": "object", "fields": _shape_of_schema(inner.schema)}
    else:
        described["type"] = next(name for kind, name in _NAMES.items() if isinstance(inner, kind))
    if isinstance(field, fields.List):
        described["type"] = f"list of {described['type']}"
    return described


def _example_value(part: Mapping[str, Any]) -> Any:
    if part["type"].startswith("list of "):
        return []
    if "fields" in part:
        return example(part["fields"])
    return {
        "boolean": True,
        "date-time": "2026-01-02T03:04:05+00:00",
        "integer": 1,
        "object": {},
        "string": "text",
    }[part["type"]]
