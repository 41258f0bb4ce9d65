"""What the database refuses as the portal's role, whatever the code above it does."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from communities.models import ReportingQuarter, ReportingUnit
from communities.roles import Role
from inspections import scoring_actions
from inspections.models import Inspection, ItemScore
from tests import factories

DAY = dt.date(2013, 12, 18)


@pytest.fixture
def pair(units: dict[str, ReportingUnit], quarters: dict[str, ReportingQuarter]) -> tuple[Inspection, Inspection]:
    """A submitted inspection and an open one in the same round."""
    office = factories.make_user(Role.CITY_OFFICE)
    round_ = factories.make_round(quarters["2013Q4"])
    made = []
    for _ in range(2):
        inspection = factories.make_inspection(round_, factories.make_community(units["XC"]))
        scores = {item.pk: (Decimal(2), "查实") for item in round_.sheet.items.all()}
        scoring_actions.save_scores(inspection, scores, expected_version=1, actor=office)
        made.append(inspection)
    scoring_actions.submit(made[0], actor=office)
    return made[0], made[1]


STATEMENTS = [
    "UPDATE inspections_inspection SET total = 100 WHERE id = {locked}",
    "UPDATE inspections_inspection SET submitted_at = NULL, total = NULL WHERE id = {locked}",
    "DELETE FROM inspections_inspection WHERE id = {locked}",
    "UPDATE inspections_itemscore SET deduction = 0 WHERE inspection_id = {locked}",
    "DELETE FROM inspections_itemscore WHERE inspection_id = {locked}",
    # Moving a score away from a locked sheet, or onto it, is a change of it too.
    "UPDATE inspections_itemscore SET inspection_id = {open} WHERE inspection_id = {locked}",
    "UPDATE inspections_itemscore SET inspection_id = {locked} WHERE inspection_id = {open}",
    "INSERT INTO inspections_itemscore (inspection_id, item_id, deduction, reason) SELECT {locked}, {foreign}, 0, ''",
    "TRUNCATE inspections_itemscore",
    "UPDATE inspections_sheetitem SET full_marks = 1",
    "DELETE FROM inspections_sheetitem",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_submitted_inspection_is_refused_any_change(pair: tuple[Inspection, Inspection], statement: str) -> None:
    locked, open_ = pair
    foreign = factories.make_sheet(10).items.get().pk
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(locked=locked.pk, open=open_.pk, foreign=foreign))
    assert Inspection.objects.get(pk=locked.pk).total == Decimal(96)
    assert sum(ItemScore.objects.filter(inspection=locked).values_list("deduction", flat=True)) == 4


@pytest.mark.parametrize(
    "values", ["{item}, 60.01, '全扣'", "{item}, -1, '负数'", "{item}, 1, ''", "{foreign}, 1, '别的表'"]
)
def test_a_score_that_cannot_stand_is_refused(pair: tuple[Inspection, Inspection], values: str) -> None:
    open_ = pair[1]
    item = open_.round.sheet.items.get(order=1).pk
    open_.scores.all().delete()
    foreign = factories.make_sheet(10).items.get().pk
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inspections_itemscore (inspection_id, item_id, deduction, reason)"
            f" VALUES ({open_.pk}, {values.format(item=item, foreign=foreign)})"
        )


def test_the_tests_run_as_a_role_that_owns_nothing(pair: tuple[Inspection, Inspection]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableowner = current_user FROM pg_tables WHERE tablename = 'inspections_itemscore'")
        assert cursor.fetchone() == (False,)
