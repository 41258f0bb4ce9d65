"""Queries per page of the administrators: the same with 1 row and with 100, and pinned."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from accounts import token_actions
from accounts.audit import record
from accounts.models import AuditVerb
from communities.roles import Role
from tests import factories
from tests.architecture.test_queries import PINS, count

pytestmark = pytest.mark.django_db
PAGES = {
    "accounts:list": "system",
    "accounts:log": "audit",
    "accounts:tokens": "security",
    "communities:holders": "security",
    "communities:memberships": "security",
    "selfaudit": "security",
}


def grow(unit: Any, number: int) -> None:
    """Add `number` people with a term, a token and a line in the log each."""
    for _ in range(number):
        person = factories.make_user(Role.COUNTY_ENTRY, unit=unit)
        factories.grant(person, Role.COUNTY_REVIEWER, unit=unit)
        token_actions.issue_token(actor=person, name="测试")
        record(AuditVerb.SIGN_IN, actor=person, target="测试")


@pytest.mark.parametrize("page", PAGES)
def test_page(page: str, units: dict[str, Any], as_user: Any) -> None:
    client = as_user(factories.make_user(administrator=PAGES[page]))
    grow(units["XC"], 1)
    few = count(client, page, "")
    grow(units["XC"], 99)
    many = count(client, page, "")
    pinned = json.loads(PINS.read_text())
    if os.environ.get("PORTAL_PIN_QUERIES") == "1":  # after a deliberate change: look at the difference, commit it
        pinned[page] = few
        PINS.write_text(json.dumps(pinned, indent=2) + "\n")
    assert {"1 row": few, "100 rows": many} == {"1 row": pinned[page], "100 rows": pinned[page]}
