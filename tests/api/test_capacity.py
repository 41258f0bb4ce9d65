"""In which capacity a program acted: its owner's, though the person is known only once the token has been read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from communities.models import ReportingUnit
from communities.roles import Role
from core.history import moments_of
from tests import factories
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("way", ["session", "token"])
def test_a_change_by_a_program_names_person_and_role(
    way: str, units: dict[str, ReportingUnit], call_as: Callable[[User], Caller], call_with_token: Any
) -> None:
    """By whichever door the request comes, the event holds the roles held at that moment."""
    clerk = factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"], full_name="胡军")
    community = factories.make_community(units["XC"])
    caller = call_as(clerk) if way == "session" else call_with_token(clerk)
    assert caller.patch(f"communities/{community.pk}/", {"households": 7}, version=1).status_code == 200
    changed = moments_of(community)[0]
    assert (changed.who, changed.capacity) == ("胡军", "孝昌 县专班填报")
