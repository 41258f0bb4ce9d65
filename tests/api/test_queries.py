"""A list costs as many queries with many rows as with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from facilities.workflow import Stage
from services.models import Organisation, ServiceCentre
from tests import factories
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db
LISTS = (
    "communities", "placements", "projects", "stages", "reports", "centres", "organisations", "inspections",
    "memberships",
)  # fmt: skip


def one_of_each(units: Any, month: Any, round_: Any) -> None:
    community = factories.make_community(units["XC"])
    project = factories.make_project(community, "service_centre", (Stage.STARTED, factories.LONG_AGO))
    ServiceCentre.objects.create(community=community, project=project, name="中心")
    Organisation.objects.create(
        name="党支部", community=community, kind="party", counting_rule="party", valid_from=factories.LONG_AGO
    )
    factories.make_report(project, month, "approved")
    factories.make_inspection(round_, community)


def test_many_rows_cost_what_one_costs(call_as: Callable[[User], Caller], units: Any, quarters: Any) -> None:
    caller = call_as(factories.make_user("city_office"))
    month, round_ = factories.make_month(), factories.make_round(quarters["2013Q4"])

    def cost(name: str) -> tuple[int, int]:
        caller.get(f"{name}/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = caller.get(f"{name}/")
        return len(queries), answer.json()["count"]

    one_of_each(units, month, round_)
    before = {name: cost(name) for name in LISTS}
    for _ in range(4):
        one_of_each(units, month, round_)
    after = {name: cost(name) for name in LISTS}
    assert all(after[name][1] > before[name][1] for name in LISTS)
    assert {name: queries for name, (queries, _) in after.items()} == {
        name: queries for name, (queries, _) in before.items()
    }
