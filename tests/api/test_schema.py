"""The schema: valid, without a warning, and with everything declared that the code reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from core.openapi import IF_MATCH, KEY
from dashboards.api import FactsView, FiguresView, IndicatorsView
from tests import factories
from tests.api import bad_values
from xiaogan_portal import api


def test_it_is_valid_and_has_no_warning(tmp_path: Path) -> None:
    file = tmp_path / "schema.yml"
    call_command("spectacular", "--fail-on-warn", "--validate", file=str(file))
    assert file.stat().st_size > 100_000


def test_every_resource_stands_in_it() -> None:
    paths = bad_values.schema()["paths"]
    assert {f"/api/v1/{address}/" for address in api.RESOURCES} <= set(paths)
    assert {f"/api/v1/{name}/" for name in ("me", "indicators", "figures")} <= set(paths)


@pytest.mark.parametrize("address", sorted(api.RESOURCES))
def test_a_list_declares_every_parameter_that_it_takes(address: str) -> None:
    view = api.RESOURCES[address](action="list")
    declared = {
        name for each in bad_values.operations() if each.name == f"GET /api/v1/{address}/" for name in each.query
    }
    assert declared == view.known_parameters()


@pytest.mark.parametrize("view", [FiguresView, FactsView, IndicatorsView])
def test_so_do_the_pages_of_figures(view: Any) -> None:
    declared = [
        set(each.query) for each in bad_values.operations() if each.spec["operationId"] == OPERATIONS[view.__name__]
    ]
    assert declared == [view().known_parameters()]


OPERATIONS = {"FiguresView": "figures_list", "FactsView": "figures_facts_list", "IndicatorsView": "indicators_list"}


def headers_of(operation: bad_values.Operation) -> set[str]:
    return {each["name"] for each in operation.spec["parameters"] if each["in"] == "header" and each["required"]}


def test_writing_declares_its_headers_and_its_refusals() -> None:
    for operation in bad_values.operations():
        answers = set(operation.spec["responses"])
        assert {"400", "401", "403", "404"} <= answers, operation.name
        if operation.method == "GET":
            continue
        headers = headers_of(operation)
        assert (KEY in headers) == (operation.method == "POST"), operation.name
        assert (IF_MATCH in headers) == ({"412", "428"} <= answers), operation.name
        if operation.method == "PATCH":
            assert IF_MATCH in headers


def test_it_tells_nothing_to_strangers(db: None) -> None:
    for address in ("schema", "docs"):
        assert Client().get(f"/api/v1/{address}/").status_code == 401


@pytest.mark.django_db
def test_it_is_the_same_for_everybody_who_is_signed_in(call_as: Any) -> None:
    office, nobody = call_as(factories.make_user("city_office")), call_as(factories.make_user())
    answers = [caller.get("schema/") for caller in (office, nobody)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["openapi"].startswith("3.")
    assert office.get("schema/?format=yaml").status_code == 400
    assert office.get("docs/?x=1").status_code == 404


@pytest.mark.django_db
def test_what_is_no_resource_is_refused_in_json(call_as: Any) -> None:
    caller = call_as(factories.make_user("city_office"))
    for address in ("", "nothing/", "communities/abc/", "communities", "communities/1/nothing/"):
        answer = caller.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/json"), address
        assert answer.json()["field"] is None
