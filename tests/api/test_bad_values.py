"""Bad input: every declared parameter, in address, path and body, with what it should not hold: never a 5xx."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.api import bad_values
from tests.api.bad_values import Operation
from tests.architecture.matrix import world_api
from tests.architecture.matrix.walker import clients_of
from tests.architecture.matrix.world import PEOPLE, World
from tests.conftest import DEEP
from tests.factories import make_user

pytestmark = pytest.mark.django_db

# Answers to what nobody should send.
REFUSALS = {400, 403, 404, 405, 409, 412, 413, 415}


@pytest.fixture
def world() -> World:
    return world_api.build()


def people(number: int) -> list[str]:
    """Everybody when deep; otherwise by turns the city office, who gets furthest, and one of the others."""
    return list(PEOPLE) if DEEP else [PEOPLE[0] if number % 2 else PEOPLE[number // 2 % len(PEOPLE)]]


def places_of(world: World, operation: Operation) -> dict[str, str]:
    """Values that exist for what stands in the path."""
    address = operation.path.removeprefix(bad_values.PREFIX).partition("/")[0]
    named = {
        "figures": "unit",
        "published-figures": "published",
        "audit": "entry",
        "reports": "draft",
        "imports": "batch",
        "import-rows": "staged_row",
        "stage-definitions": "definition",
        "infrastructure-types": "infrastructure",
        "ordering-rules": "ordering_rule",
        "ordering-exemptions": "exemption",
        "light-thresholds": "threshold",
        "red-marks": "red_mark",
        "urgings": "notice",
    }
    kind = named.get(address, address.removesuffix("s").replace("communitie", "community"))
    known = {"quarter": "2013Q4", "indicator": "planned"}
    return {name: known.get(name) or str(world.records["own"][kind].pk) for name in operation.places}


def ask(client: Client, operation: Operation, address: str, body: bytes = b"{}") -> Any:
    """One request with everything else right."""
    headers = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": '"p1"' if "/plan/" in address else '"v1"'}
    kind = MULTIPART_CONTENT if operation.takes_form else "application/json"
    return client.generic(operation.method, address, body, content_type=kind, headers=headers)


def in_addresses(world: World) -> Iterator[tuple[Operation, str]]:
    """Every parameter of every address with every bad value, and twice; one that is not known; every bad path."""
    for operation in bad_values.operations():
        right = operation.address(**places_of(world, operation))
        yield operation, f"{right}?unknown=1"
        for name in operation.query:
            yield from ((operation, f"{right}?{name}={value}") for value in bad_values.IN_ADDRESS)
            yield operation, f"{right}?{name}=a&{name}=b"
        for name, value in itertools.product(operation.places, bad_values.IN_PATH):
            yield operation, operation.address(**{**places_of(world, operation), name: value})


def in_bodies(world: World) -> Iterator[tuple[Operation, bytes]]:
    """Every field of every body with every bad value, and bodies that are none."""
    for operation in bad_values.operations():
        if operation.method == "GET":
            continue
        # What is no body is read in one place, so few operations show it.
        if DEEP or operation.path.endswith(("projects/", "photos/")):
            bodies = bad_values.FORMS if operation.takes_form else bad_values.BODIES
            yield from ((operation, body) for body in bodies)
        if operation.takes_form:
            parts = itertools.product(operation.fields, bad_values.IN_FORM)
            yield from ((operation, encode_multipart(BOUNDARY, {name: value})) for name, value in parts)
            continue
        for name, value in itertools.product(operation.fields, bad_values.IN_BODY):
            yield operation, json.dumps({name: value}).encode()


def test_in_addresses(world: World) -> None:
    clients, faults = clients_of(world), []
    for number, (operation, address) in enumerate(in_addresses(world)):
        for person in people(number):
            status = ask(clients[person], operation, address).status_code
            if status >= 500 or (status not in REFUSALS and "?" in address and status >= 300):
                faults.append(f"{operation.method} {address[:200]} as {person}: {status}")
    assert faults == []


def test_repeated_empty_and_unknown_are_refused_by_name(world: World) -> None:
    client, faults = clients_of(world)["city_office"], []
    for operation in bad_values.operations():
        right = operation.address(**places_of(world, operation))
        wrong = [("unknown", f"{right}?unknown=1")]
        for name in operation.query:
            wrong += [(name, f"{right}?{name}="), (name, f"{right}?{name}=a&{name}=a")]
        for name, address in wrong:
            response = ask(client, operation, address)
            if response.status_code not in (400, 403) or response.json().get("field") not in (name, None):
                faults.append(f"{address}: {response.status_code} {response.content.decode()}")
    assert faults == []


def test_in_bodies(world: World) -> None:
    clients, faults = clients_of(world), []
    for number, (operation, body) in enumerate(in_bodies(world)):
        address = operation.address(**places_of(world, operation))
        for person in people(number):
            response = ask(clients[person], operation, address, body)
            if response.status_code >= 500 or "detail" not in response.json() and response.status_code >= 400:
                faults.append(f"{operation.name} {body[:80]!r} as {person}: {response.status_code}")
    assert faults == []


def test_an_instant_may_have_any_offset(as_user: Any) -> None:
    client = as_user(make_user(administrator="audit"))
    for since, status in (("2013-12-01T08:00:00+17:07", 200), ("0001-01-01T00:00:00+17:07", 400)):
        assert client.get("/api/v1/audit/", {"since": since}).status_code == status
    # Refused before the database, whose transaction goes on.
    assert client.get("/api/v1/audit/").status_code == 200
