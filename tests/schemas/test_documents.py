"""What the OpenAPI document says is what is answered, whatever is sent and whoever sends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.schemas.site import Site
from werkzeug.test import Client

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
EXAMPLES: Final = {"admin": 7, "person": 3}
_PLAIN: Final = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SMALL: Final = st.integers(0, 8)
"""Ids of what is there: those of the document's own range would hit nothing."""


@dataclass
class Sites:
    """The present site; a new one where a request has taken the callers their rights."""

    folder: Path
    made: list[Site] = field(default_factory=list)

    def whole(self) -> Site:
        if not self.made or not self.made[-1].is_whole():
            place = self.folder / str(len(self.made))
            place.mkdir()
            self.made.append(Site(place))
        return self.made[-1]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    found = Sites(tmp_path_factory.mktemp("sites"))
    yield found
    for site in found.made:
        site.close()


@pytest.fixture(scope="module")
def document(sites: Sites) -> Any:
    """The document of the public origin: those of all services in one."""
    return json.loads(Client(sites.whole().app).get("/api/openapi.json").data)


def test_the_document_is_one(document: Any) -> None:
    schemathesis.openapi.from_dict(document).validate()


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_answers_are_as_described(document: Any, sites: Sites, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(document)
    faults: dict[str, str] = {}
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr] # the document is valid
    for operation in operations:
        for who, count in EXAMPLES.items():
            site = sites.whole()
            faults |= _faults_of(operation, site, getattr(site, who), mode, count)
    assert faults == {}
    assert len(operations) > 40


def _faults_of(
    operation: Any, site: Site, headers: dict[str, str], mode: GenerationMode, count: int
) -> dict[str, str]:
    """Return what is wrong with the answers of one operation."""
    faults: dict[str, str] = {}

    @settings(_PLAIN, max_examples=count)
    @given(case=operation.as_strategy(generation_mode=mode), number=SMALL)
    def ask(case: Any, number: int) -> None:
        for name, value in dict(case.path_parameters or {}).items():
            if isinstance(value, int):
                case.path_parameters[name] = number
        answer = case.call(app=site.app, headers=headers)
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            faults.setdefault(operation.label, f"{case.as_curl_command()}\n{failure}")

    # What takes nothing can be sent nothing wrong.
    with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
        ask()
    return faults
