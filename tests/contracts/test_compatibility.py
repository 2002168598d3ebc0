"""Within a major version an event only ever gains optional fields."""

import copy
import json

import pytest
from tests.contracts.shape import Shape, breaks, committed, example, shape_of

from portus_shared.contracts.codec import Undecodable, decode
from portus_shared.contracts.event import event_types

_KEYS = sorted(event_types())
_UPDATE = "run: .venv/bin/python -m tests.contracts.update"


def test_every_event_is_committed_to() -> None:
    assert sorted(committed()) == _KEYS, _UPDATE


@pytest.mark.parametrize("key", _KEYS)
def test_an_event_still_has_the_shape_that_is_committed(key: str) -> None:
    old, new = committed()[key], shape_of(event_types()[key])
    assert list(breaks(old, new)) == [], "make a new major version of the event instead"
    assert new == old, _UPDATE


@pytest.mark.parametrize("key", _KEYS)
def test_a_body_from_another_build_is_read(key: str) -> None:
    body = {**example(committed()[key]), "a_field_of_tomorrow": {"deep": [1]}}
    event = decode(key, json.dumps(body).encode())
    assert event.key == key


@pytest.mark.parametrize("key", _KEYS)
def test_a_body_that_lacks_a_required_field_is_refused(key: str) -> None:
    body = example(committed()[key])
    for name in list(body):
        rest = {other: value for other, value in body.items() if other != name}
        with pytest.raises(Undecodable, match=name):
            decode(key, json.dumps(rest).encode())


@pytest.fixture
def shape() -> Shape:
    return copy.deepcopy(committed()["auth.team.changed.v1"])


def test_an_optional_field_may_be_added(shape: Shape) -> None:
    new = {**shape, "colour": {"type": "string", "required": False, "nullable": True}}
    assert list(breaks(shape, new)) == []


def test_a_required_field_may_not_be_added(shape: Shape) -> None:
    new = {**shape, "colour": {"type": "string", "required": True, "nullable": False}}
    assert list(breaks(shape, new)) == [
        "colour is new and required: only optional fields may be added"
    ]


def test_a_field_may_not_be_removed_however_deep(shape: Shape) -> None:
    new = copy.deepcopy(shape)
    del new["members"]["fields"]["role"]
    assert list(breaks(shape, new)) == ["members.role is gone"]


def test_a_field_may_not_change_its_type(shape: Shape) -> None:
    new = copy.deepcopy(shape)
    new["team_id"]["type"] = "string"
    assert list(breaks(shape, new)) == ["team_id: type was integer, is string"]
