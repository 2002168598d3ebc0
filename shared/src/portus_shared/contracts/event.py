"""What makes a dataclass an event: a routing key, and a schema derived from its types."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import (
    Any,
    ClassVar,
    Final,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints as type_hints,
)

from marshmallow import EXCLUDE, Schema, fields as wire, post_load


class Event:
    """Be the base of all events; `key` is the routing key on the topic exchange."""

    __slots__ = ()
    key: ClassVar[str]


E = TypeVar("E", bound=Event)
_by_key: Final[dict[str, type[Event]]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(key: str) -> Callable[[type[E]], type[E]]:
    """Make a class an event with this key ``<publisher>.<thing>.<past participle>.v<major>``."""

    def register(cls: type[E]) -> type[E]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.key = key
        _by_key[key] = made
        return made

    return register


def event_types() -> Mapping[str, type[Event]]:
    """Return every event there is, by key."""
    from portus_shared.contracts import auth, catalog, sync  # noqa: F401, PLC0415 (registration)

    return types.MappingProxyType(_by_key)


def schema_of(cls: type[Any]) -> Schema:
    """Derive the marshmallow schema of a contract dataclass; loading returns the dataclass."""
    identity: Any = cls
    return _schema(identity)


@cache
def _schema(cls: Any) -> Schema:
    hints = type_hints(cls)
    members: dict[str, Any] = {
        member.name: _wire_field(hints[member.name], member) for member in fields(cls)
    }

    @post_load
    def construct(self: Schema, data: dict[str, Any], **_: object) -> Any:
        del self
        return cls(**data)

    members["construct"] = construct
    members["Meta"] = type("Meta", (), {"unknown": EXCLUDE})
    made: Schema = type(f"{cls.__name__}Schema", (Schema,), members)()
    return made


def _wire_field(hint: Any, member: Field[Any]) -> wire.Field[Any]:
    optional = member.default is not MISSING or member.default_factory is not MISSING
    bare, nullable = _without_none(hint)
    return _of_type(bare, required=not optional, allow_none=nullable)


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) not in {Union, types.UnionType}:
        return hint, False
    rest = [part for part in get_args(hint) if part is not type(None)]
    return rest[0], True


def _of_type(hint: Any, **options: Any) -> wire.Field[Any]:
    if is_dataclass(hint) and isinstance(hint, type):
        return wire.Nested(schema_of(hint), **options)
    if get_origin(hint) is tuple:
        return _Many(_of_type(get_args(hint)[0]), **options)
    if get_origin(hint) is Mapping:
        return wire.Dict(keys=wire.String(), **options)
    if hint is datetime:
        return wire.AwareDateTime(format="iso", default_timezone=UTC, **options)
    if hint is int:
        return wire.Integer(strict=True, **options)
    return wire.Boolean(**options) if hint is bool else wire.String(**options)


class _Many(wire.List[Any]):
    """Be a JSON list that loads as a tuple, so that events stay hashable and frozen."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(*args, **kwargs))
