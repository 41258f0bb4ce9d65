"""Reference data of the ground floor: whose townships are whose, and loading twice."""

from __future__ import annotations

import pytest

from communities import reference
from communities.models import Division, ReportingUnit, UnitMember
from core.history import events_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded() -> dict[str, ReportingUnit]:
    """The ten units as the project's files have them."""
    reference.load()
    return {unit.code: unit for unit in ReportingUnit.objects.all()}


def test_a_zones_townships_are_not_in_their_host_county(loaded: dict[str, ReportingUnit]) -> None:
    """市高新区 answers for three streets that are coded under 孝南区: nothing is counted twice."""
    host = set(reference.divisions_of(loaded["XN"]).values_list("code", flat=True))
    zone = set(reference.divisions_of(loaded["GX"]).values_list("code", flat=True))
    assert {"420902570", "420902571", "420902572"} <= zone
    assert not host & zone
    assert not [code for code in host if code.startswith(("420902570", "420902571", "420902572", "420902202"))]


def test_every_village_belongs_to_exactly_one_unit(loaded: dict[str, ReportingUnit]) -> None:
    """2,263 village-level divisions, spread over the ten units without rest."""
    villages = [code for unit in loaded.values() for code in reference.villages_of(unit).values_list("code", flat=True)]
    assert len(villages) == len(set(villages)) == 2263
    assert reference.villages_of(loaded["LK"]).count() == 28


def test_units_stand_in_statutory_order_with_their_short_names(loaded: dict[str, ReportingUnit]) -> None:
    """Seven counties, then three zones, none of which has a code of its own."""
    names = list(ReportingUnit.objects.values_list("short_name", flat=True))
    assert names == ["孝南", "孝昌", "大悟", "云梦", "应城", "安陆", "汉川", "高新区", "临空区", "双峰山"]
    assert [unit.code for unit in loaded.values() if unit.division_id is None] == ["GX", "LK", "SF"]
    assert not ReportingUnit.objects.filter(source__contains="同上").exists()


def test_loading_again_writes_nothing(loaded: dict[str, ReportingUnit]) -> None:
    """No second row, no event in history."""
    before = events_of(loaded["XC"]).count()
    again = reference.load()
    assert [(each.added, each.changed) for each in again] == [(0, 0)] * 3
    assert Division.objects.count() == 2400 and UnitMember.objects.count() == 5
    assert events_of(loaded["XC"]).count() == before == 1


def test_a_row_that_differs_is_put_right(loaded: dict[str, ReportingUnit]) -> None:
    """The files win over what was changed by hand, for reference data that nobody edits in the portal."""
    ReportingUnit.objects.filter(code="XC").update(short_name="别的")
    assert [each.changed for each in reference.load()] == [0, 1, 0]
    assert ReportingUnit.objects.get(code="XC").short_name == "孝昌"
