"""Marks of red lights, and the thresholds that lights are judged by."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.models import User
from communities.actions.checks import require_city_office
from core.constraints import require_valid, rules_as_sentences
from core.models import save_version
from core.periods import Quarter
from facilities.lights import RED, light_of, standing_of, with_light
from facilities.models import LightThreshold, Project, RedMark

# A sentence as long as its column.
_LONGEST = 200
THRESHOLD_FIELDS = ("yellow_points", "red_points", "start_red_days", "finish_red_days", "source", "presumed")


@transaction.atomic
def mark_red_lights(day: dt.date) -> int:
    """Remember which projects stand at red on `day`: one mark a project and quarter. Returns how many were added.

    May be called again at any time; what is marked stays.
    """
    quarter, thresholds = Quarter.of(day), LightThreshold.objects.on_day(day)
    marked = RedMark.objects.filter(red_on__range=(quarter.first_day, quarter.last_day)).values("project")
    red = with_light(Project.objects.exclude(pk__in=marked), day).filter(light=RED)
    rows = [
        RedMark(
            project=project,
            red_on=day,
            sentence=light_of(standing_of(project), day, thresholds).sentence[:_LONGEST],
            is_sample=project.is_sample,
        )
        for project in red
    ]
    RedMark.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)


@transaction.atomic
def set_thresholds(*, valid_from: dt.date, actor: User, **values: Any) -> LightThreshold:
    """A new set of thresholds from a day on. Raises NotAllowed, RuleViolation where the day has a set or they cross."""
    require_city_office(actor)
    row = LightThreshold(valid_from=valid_from, **values)
    require_valid(row)
    with rules_as_sentences(LightThreshold):
        row.save(force_insert=True)
    return row


@transaction.atomic
def edit_thresholds(
    row: LightThreshold, values: dict[str, Any], *, expected_version: int, actor: User
) -> LightThreshold:
    """Correct a set. `values` holds fields of THRESHOLD_FIELDS. Raises NotAllowed, StaleVersion, RuleViolation."""
    require_city_office(actor)
    with rules_as_sentences(LightThreshold):
        return save_version(row, values, expected=expected_version)
