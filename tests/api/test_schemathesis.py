"""schemathesis over the whole schema, as each role: what the schema allows, and what it does not, is never a 5xx.

Every answer is one that the operation declares.
"""

from __future__ import annotations

import warnings
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import given
from schemathesis import GenerationMode

from tests.api.bad_values import operations, schema
from tests.api.test_bad_values import places_of
from tests.architecture.matrix import world_api
from tests.architecture.matrix.walker import clients_of
from tests.architecture.matrix.world import PEOPLE
from tests.conftest import DEEP

pytestmark = pytest.mark.django_db

ROLES = PEOPLE if DEEP else ["city_office", "county_entry"]
EXPLORE = hypothesis.settings(
    max_examples=25 if DEEP else 1,
    deadline=None,
    derandomize=not DEEP,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.generate],
)
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def send(client: Client, case: Any) -> Any:
    """A generated case, as the test client sends it."""
    made = requests.Request(**case.as_transport_kwargs(base_url="http://testserver"))
    ready = requests.Session().prepare_request(made)
    body = ready.body.encode() if isinstance(ready.body, str) else ready.body or b""
    headers = {name: value for name, value in ready.headers.items() if name not in ("Content-Length", "Cookie")}
    kind = str(headers.pop("Content-Type", "application/json"))
    return client.generic(case.method, ready.path_url, body, content_type=kind, headers=_decoded(headers))


def _decoded(headers: dict[str, Any]) -> dict[str, str]:
    return {name: value.decode("latin-1") if isinstance(value, bytes) else value for name, value in headers.items()}


def explore(operation: Any, mode: GenerationMode, places: dict[str, str] | None, client: Client) -> list[str]:
    """Answers of one operation that should not be."""
    spec, faults = operation.definition.raw, list[str]()
    # An address or a method that is none is refused before any operation is asked.
    allowed = {int(status) for status in spec["responses"]} | {404, 405}

    @EXPLORE
    @given(case=operation.as_strategy(mode, path_parameters=places))
    def ask(case: Any) -> None:
        response = send(client, case)
        if response.status_code not in allowed:
            said = response.content[:200].decode("utf-8", "replace")
            faults.append(f"{operation.label}: {response.status_code} {said} to {case.as_curl_command()[:500]}")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ask()
        except hypothesis.errors.Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE  # an operation without any parameter has nothing to get wrong
    return faults


@pytest.mark.parametrize("person", ROLES)
@pytest.mark.parametrize("mode", MODES, ids=["allowed", "not allowed"])
def test_no_operation_fails(person: str, mode: GenerationMode) -> None:
    """What is allowed is asked of records that are there; what is not, of whatever comes out."""
    world = world_api.build()
    client, faults = clients_of(world)[person], list[str]()
    known = {(each.method, each.path): each for each in operations()}
    for found in schemathesis.openapi.from_dict(schema()).get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # the schema is valid
        spec = known[operation.method.upper(), operation.path]
        places = places_of(world, spec) if mode is GenerationMode.POSITIVE and spec.places else None
        faults += explore(operation, mode, places, client)
    assert faults == []
