"""Scoring: a reason for every deduction, every item scored, and nothing after submission."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from communities.models import Community, ReportingQuarter, ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, StaleVersion, WrongState
from inspections import actions, scoring_actions
from inspections.models import Inspection, Round, SheetItem
from tests import factories

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
DAY = dt.date(2013, 12, 18)


@pytest.fixture
def community(units: Units) -> Community:
    """A community in Xiaochang."""
    return factories.make_community(units["XC"])


@pytest.fixture
def inspector(community: Community) -> User:
    """An inspector with that community as a stop."""
    return factories.make_user(Role.INSPECTOR, community=community)


@pytest.fixture
def round_(quarters: Quarters) -> Round:
    """The open round of 2013Q4 with items of 60 and 40."""
    return factories.make_round(quarters["2013Q4"])


@pytest.fixture
def inspection(round_: Round, community: Community, inspector: User) -> Inspection:
    """Started, nothing scored."""
    return scoring_actions.start_inspection(round_, community, inspected_on=DAY, actor=inspector)


def items_of(inspection: Inspection) -> list[SheetItem]:
    """The items of its sheet, in order."""
    return list(SheetItem.objects.filter(sheet=inspection.round.sheet).order_by("order"))


def save(inspection: Inspection, actor: User, *scores: tuple[str, str]) -> Inspection:
    """Score the items in order, with the version that is stored."""
    wanted = {item.pk: (Decimal(lost), why) for item, (lost, why) in zip(items_of(inspection), scores, strict=False)}
    version = Inspection.objects.get(pk=inspection.pk).version
    return scoring_actions.save_scores(inspection, wanted, expected_version=version, actor=actor)


def test_the_total_is_what_the_items_keep(inspection: Inspection, inspector: User) -> None:
    save(inspection, inspector, ("3.5", "进度滞后"), ("0", ""))
    done = scoring_actions.submit(inspection, actor=inspector)
    assert done.total == Decimal("96.50") and done.submitted_at is not None and done.inspector == inspector


def test_silence_is_not_full_marks(inspection: Inspection, inspector: User) -> None:
    save(inspection, inspector, ("0", ""))
    with pytest.raises(RuleViolation, match="还有 1 项没有评，共 2 项"):
        scoring_actions.submit(inspection, actor=inspector)


@pytest.mark.parametrize(
    ("lost", "why", "part", "words"),
    [
        ("3", " ", "reason", "没有写原因"),
        ("60.01", "全扣", "deduction", "满分 60.00"),
        ("-1", "", "deduction", "扣 −1.00"),
        ("0.125", "零头", "deduction", "两位小数"),
    ],
)
def test_a_score_that_cannot_stand_is_refused_and_nothing_is_stored(
    inspection: Inspection, inspector: User, lost: str, why: str, part: str, words: str
) -> None:
    with pytest.raises(RuleViolation, match=words) as refusal:
        save(inspection, inspector, (lost, why), ("0", ""))
    assert refusal.value.field == f"{part}_{items_of(inspection)[0].pk}"
    assert not inspection.scores.exists()


def test_an_item_of_another_sheet_is_refused(inspection: Inspection, inspector: User) -> None:
    other = SheetItem.objects.get(sheet=factories.make_sheet(10), order=1)
    with pytest.raises(RuleViolation, match="不在本轮的评分表"):
        scoring_actions.save_scores(inspection, {other.pk: (Decimal(0), "")}, expected_version=1, actor=inspector)


def test_the_second_of_two_inspectors_sees_both_values(inspection: Inspection, inspector: User) -> None:
    save(inspection, inspector, ("3", "进度滞后"))
    item = items_of(inspection)[0]
    with pytest.raises(StaleVersion) as stale:
        scoring_actions.save_scores(inspection, {item.pk: (Decimal(0), "")}, expected_version=1, actor=inspector)
    conflict = stale.value.conflicts[0]
    assert (conflict.label, conflict.stored, conflict.sent) == ("第1项", "扣 3.00：进度滞后", "满分")
    with pytest.raises(StaleVersion):
        scoring_actions.submit(inspection, expected_version=1, actor=inspector)


def test_nothing_changes_after_submission(inspection: Inspection, inspector: User) -> None:
    save(inspection, inspector, ("0", ""), ("0", ""))
    scoring_actions.submit(inspection, actor=inspector)
    with pytest.raises(WrongState, match="得分 100.00"):
        scoring_actions.submit(inspection, actor=inspector)
    with pytest.raises(WrongState):
        save(inspection, inspector, ("1", "晚了"))


def test_a_round_or_quarter_that_is_closed_takes_no_scores(
    inspection: Inspection, round_: Round, inspector: User
) -> None:
    over = factories.make_round(factories.make_quarter(2012, 4, state="closed"))
    with pytest.raises(WrongState, match="2012Q4 已关闭"):
        save(factories.make_inspection(over, inspection.community), inspector, ("0", ""))
    actions.close_round(round_, actor=factories.make_user(Role.CITY_OFFICE))
    with pytest.raises(WrongState, match="已结束"):
        scoring_actions.submit(inspection, actor=inspector)


def test_a_community_is_inspected_once_a_round(inspection: Inspection, round_: Round, inspector: User) -> None:
    with pytest.raises(WrongState, match="已经在 2013-12-18 检查过"):
        scoring_actions.start_inspection(round_, inspection.community, inspected_on=DAY, actor=inspector)
    assert Inspection.objects.count() == 1


@pytest.mark.parametrize("day", [dt.date(2013, 9, 30), dt.date(2014, 1, 1), dt.date(2999, 1, 1), dt.date(1, 1, 1)])
def test_a_day_outside_the_round_is_refused(round_: Round, community: Community, inspector: User, day: dt.date) -> None:
    with pytest.raises(RuleViolation) as refusal:
        scoring_actions.start_inspection(round_, community, inspected_on=day, actor=inspector)
    assert refusal.value.field == "inspected_on" and str(day) in refusal.value.message


def test_only_the_office_and_the_stops_own_inspector_score(
    inspection: Inspection, round_: Round, units: Units, community: Community
) -> None:
    elsewhere = factories.make_community(units["DW"])
    people = [
        factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"]),
        factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"]),
        factories.make_user(Role.LEADER),
        factories.make_user(Role.WORK_TEAM, community=community),
        factories.make_user(Role.INSPECTOR, community=elsewhere),
    ]
    for person in people:
        with pytest.raises(NotAllowed):
            save(inspection, person, ("0", ""))
        with pytest.raises(NotAllowed):
            scoring_actions.submit(inspection, actor=person)
    with pytest.raises(NotAllowed):
        scoring_actions.start_inspection(round_, elsewhere, inspected_on=DAY, actor=people[0])
    save(inspection, factories.make_user(Role.CITY_OFFICE), ("0", ""))


@given(
    marks=st.lists(st.integers(1, 50), min_size=1, max_size=6),
    data=st.data(),
)
@pytest.mark.django_db
def test_the_stored_total_equals_a_naive_recompute(marks: list[int], data: st.DataObject) -> None:
    with transaction.atomic():
        quarter = ReportingQuarter.objects.first() or factories.make_quarter(2013, 4)
        unit = ReportingUnit.objects.first() or factories.make_units()["XC"]
        office = factories.make_user(Role.CITY_OFFICE)
        sheet_round = factories.make_round(quarter, factories.make_sheet(*marks))
        inspection = factories.make_inspection(sheet_round, factories.make_community(unit))
        for _ in range(data.draw(st.integers(1, 3))):
            lost = [data.draw(st.decimals(0, mark, places=2, allow_nan=False)) for mark in marks]
            save(inspection, office, *[(str(loss), "查实") for loss in lost])
        done = scoring_actions.submit(inspection, actor=office)
        kept = sum((row.item.full_marks - row.deduction for row in done.scores.select_related("item")), Decimal(0))
        assert done.total == kept == sum(marks) - sum(lost, Decimal(0))
        transaction.set_rollback(True)
