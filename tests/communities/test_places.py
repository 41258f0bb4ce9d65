"""Registering and editing communities: rights, codes, names, and two people at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from communities import actions
from communities.models import Community, Division, Placement, ReportingUnit
from core.errors import NotAllowed, RuleViolation, StaleVersion
from core.history import events_of
from core.periods import today

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
MakeUser = Callable[..., User]
SINCE = dt.date(2013, 3, 1)


def register(actor: User, unit: ReportingUnit, name: str = "金桥社区", **fields: Any) -> Community:
    """A programme community of a town, unless the test says otherwise."""
    fields = {"type": "town", "population": "programme", "valid_from": SINCE, **fields}
    return actions.create_community(actor=actor, unit=unit, name=name, **fields)


def test_county_entry_registers_in_its_own_unit(units: Units, make_user: MakeUser) -> None:
    """With a placement, pinyin and a code that the unit's number goes on from."""
    entry = make_user("county_entry", unit=units["XC"])
    first = register(entry, units["XC"], " 金桥社区 ", category="new")
    second = register(entry, units["XC"], "银桥社区")
    old = register(entry, units["XC"], "老街社区", population="existing")
    assert (first.code, second.code, old.code) == ("XC-P-001", "XC-P-002", "XC-E-001")
    assert (first.name, first.pinyin, first.initials) == ("金桥社区", "jinqiaoshequ", "jqsq")
    placement = first.placements.get()
    assert (placement.unit, placement.type, placement.category) == (units["XC"], "town", "new")
    assert (placement.valid_from, placement.valid_until) == (SINCE, None)
    assert [event.pgh_label for event in events_of(first)] == ["insert"]


@pytest.mark.parametrize("role", ["county_entry", "county_reviewer", "leader", "inspector"])
def test_nobody_registers_elsewhere(role: str, units: Units, make_user: MakeUser, make_community: Any) -> None:
    """A foreign unit's entry, a reviewer, a leader, an inspector: refused, and nothing is written."""
    place = {"community": make_community(units["XN"])} if role == "inspector" else {"unit": units["XN"]}
    person = make_user(role, **place)
    before = Community.objects.count()
    with pytest.raises(NotAllowed):
        register(person, units["XC"])
    assert Community.objects.count() == before


def test_pilots_are_named_by_the_city_alone(units: Units, make_user: MakeUser) -> None:
    """A county that sets a pilot is refused; it may save the rest while the pilot stays as it is."""
    entry, office = make_user("county_entry", unit=units["XC"]), make_user("city_office")
    with pytest.raises(NotAllowed):
        register(entry, units["XC"], pilot_from=SINCE)
    pilot = register(office, units["XC"], pilot_from=SINCE)
    with pytest.raises(NotAllowed):
        actions.edit_community(pilot, {"pilot_from": None}, expected_version=1, actor=entry)
    saved = actions.edit_community(pilot, {"households": 900, "pilot_from": SINCE}, expected_version=1, actor=entry)
    assert (saved.households, saved.pilot_from, saved.version) == (900, SINCE, 2)


def test_no_day_is_older_than_the_state(units: Units, make_user: MakeUser) -> None:
    """The day itself stands; the day before is refused, for a pilot too, with the bound in the sentence."""
    office = make_user("city_office")
    old = register(office, units["XC"], valid_from=dt.date(1949, 10, 1))
    for day in (dt.date(1, 1, 1), dt.date(1949, 9, 30)):
        with pytest.raises(RuleViolation, match="1949-10-01") as refusal:
            actions.edit_community(old, {"pilot_from": day}, expected_version=1, actor=office)
        assert refusal.value.field == "pilot_from"
        with pytest.raises(RuleViolation, match="1949-10-01"):
            actions.succeed(old, kind="renamed", new_name="新名", effective_on=day, reason="批复", actor=office)
    assert Community.objects.get().version == 1


def test_a_given_code_is_kept_and_a_taken_one_refused(units: Units, make_user: MakeUser) -> None:
    """The sentence names the field; the generated codes go on after the highest."""
    office = make_user("city_office")
    assert register(office, units["XC"], code="xc-p-041").code == "XC-P-041"
    assert register(office, units["XC"], "银桥社区").code == "XC-P-042"
    with pytest.raises(RuleViolation) as refusal:
        register(office, units["XC"], "铜桥社区", code="XC-P-041")
    assert refusal.value.field == "code" and "编号" in refusal.value.message


def test_the_same_name_twice_in_a_unit_is_refused(units: Units, make_user: MakeUser) -> None:
    """Also a double click; in another unit or population the name is free."""
    office = make_user("city_office")
    register(office, units["XC"])
    with pytest.raises(RuleViolation, match="XC-P-001"):
        register(office, units["XC"])
    register(office, units["DW"])
    register(office, units["XC"], population="existing")
    assert Community.objects.filter(name="金桥社区").count() == 3


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"valid_from": today() + dt.timedelta(days=2)}, "valid_from"),
        ({"valid_from": dt.date(1, 1, 1)}, "valid_from"),
        ({"valid_from": dt.date(1949, 9, 30)}, "valid_from"),
        ({"longitude": "113.9"}, None),
        ({"type": "suburb"}, "type"),
        ({"name": " "}, "name"),
        ({"households": -1}, "households"),
        ({"pilot_from": SINCE, "pilot_until": SINCE}, None),
        ({"pilot_until": SINCE}, None),
    ],
)
def test_what_does_not_fit_is_said(
    fields: dict[str, Any], field: str | None, units: Units, make_user: MakeUser
) -> None:
    """Each with its field, and nothing is left behind."""
    with pytest.raises(RuleViolation) as refusal:
        register(make_user("city_office"), units["XC"], **fields)
    assert refusal.value.field == field and refusal.value.message
    assert not Community.objects.exists() and not Placement.objects.exists()


def test_a_division_of_another_unit_is_refused(units: Units, make_user: MakeUser) -> None:
    """Both are named in the sentence."""
    county = Division.objects.create(code="420921", name="孝昌县", level="county", valid_from=SINCE)
    town = Division.objects.create(code="420921100", name="花园镇", level="township", parent=county, valid_from=SINCE)
    ReportingUnit.objects.filter(code="XC").update(division=county)
    office, unit = make_user("city_office"), ReportingUnit.objects.get(code="XC")
    assert register(office, unit, division=town).division == town
    with pytest.raises(RuleViolation, match="花园镇.*大悟"):
        register(office, units["DW"], division=town)


def test_the_second_of_two_editors_sees_both_texts(units: Units, make_user: MakeUser) -> None:
    """Nothing is overwritten; choices are in words, unknown is empty, derived pinyin is left out."""
    office = make_user("city_office")
    community = register(office, units["XC"])
    actions.edit_community(community, {"households": 900, "area_kind": "fringe"}, expected_version=1, actor=office)
    with pytest.raises(StaleVersion) as refusal:
        mine = {"name": "银桥社区", "households": None, "area_kind": "village"}
        actions.edit_community(community, mine, expected_version=1, actor=office)
    found = {each.label: (each.stored, each.sent) for each in refusal.value.conflicts}
    assert found == {"名称": ("金桥社区", "银桥社区"), "户数": ("900", ""), "区位": ("城乡结合部", "村庄")}
    assert refusal.value.version == 2
    assert Community.objects.get(pk=community.pk).name == "金桥社区"


def test_an_edited_name_is_found_by_its_new_pinyin(units: Units, make_user: MakeUser) -> None:
    """Pinyin follows the name."""
    office = make_user("city_office")
    community = register(office, units["XC"])
    actions.edit_community(community, {"name": "银桥社区"}, expected_version=1, actor=office)
    assert list(Community.objects.search("yqsq")) == [community]
    assert not Community.objects.search("jqsq").exists()


def test_only_known_fields_are_written(units: Units, make_user: MakeUser) -> None:
    """A caller that sends `code` or `is_sample` is mistaken."""
    office = make_user("city_office")
    community = register(office, units["XC"])
    with pytest.raises(KeyError):
        actions.edit_community(community, {"code": "X"}, expected_version=1, actor=office)
