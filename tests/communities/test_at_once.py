"""Two people press at the same moment: locks decide, and what one wrote the other sees."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from communities import actions
from communities.models import Community
from core.errors import RuleViolation
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def both(act: Callable[[int], object]) -> list[object]:
    """Run an action in two threads that start together; what each returned or was refused with."""
    barrier, results = threading.Barrier(2), list[object]()

    def run(number: int) -> None:
        try:
            barrier.wait()
            results.append(act(number))
        except RuleViolation as refusal:
            results.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_registrations_get_two_codes_and_one_name_once() -> None:
    """The unit's row is locked while the next number is found."""
    units, office = factories.make_units(), factories.make_user("city_office")
    fields: dict[str, Any] = {
        "unit": units["XC"],
        "type": "town",
        "population": "programme",
        "valid_from": dt.date(2013, 3, 1),
    }
    for names, refused in ((("金桥社区", "银桥社区"), 0), (("铜桥社区", "铜桥社区"), 1)):

        def register(number: int, names: tuple[str, str] = names) -> Community:
            return actions.create_community(actor=office, name=names[number], **fields)

        assert sum(isinstance(result, RuleViolation) for result in both(register)) == refused
    assert sorted(Community.objects.values_list("code", flat=True)) == ["XC-P-001", "XC-P-002", "XC-P-003"]


def test_two_moves_of_what_both_saw() -> None:
    """One goes through; the other is shown it."""
    units, office = factories.make_units(), factories.make_user("city_office")
    community = factories.make_community(units["XC"])
    seen = community.placements.get().pk
    targets = (units["DW"], units["YM"])
    results = both(
        lambda n: actions.move_placement(
            community, actor=office, valid_from=dt.date(2013, 7, 1 + n), reason="调整", unit=targets[n], expected=seen
        )
    )
    assert sum(isinstance(result, RuleViolation) for result in results) == 1
    assert community.placements.count() == 2
