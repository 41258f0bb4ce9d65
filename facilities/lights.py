"""The light of a project: how it stands against its plan on a day, by the thresholds in force then.

The rule in words (thresholds are data, `models.lights`): built, green. Past the planned finish and not built: red from
so many days on, yellow before. Not begun past the planned start: likewise. Under way: the percentage is compared with
the share of the planned time that has passed (序时进度); so many percentage points behind are yellow, more than so
many red. Before the planned start: not due. Where it is not known (no thresholds in force, no plan, no percentage under
way) nothing is judged, which is another thing. `with_light` says the same in SQL; a test holds them together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, DateField, Exists, F, Func, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import formats
from core.periods import Month
from facilities.models import LightThreshold, PlannedStage, RedMark, StageEvent
from facilities.money_reads import newest_approved
from facilities.workflow import Stage

GREEN, YELLOW, RED, NOT_DUE, UNKNOWN = "green", "yellow", "red", "not_due", "unknown"
# Every project has exactly one of them.
WORDS = {
    GREEN: gettext_lazy("绿灯"),
    YELLOW: gettext_lazy("黄灯"),
    RED: gettext_lazy("红灯"),
    NOT_DUE: gettext_lazy("未到期"),
    UNKNOWN: gettext_lazy("不判断"),
}
# Two quarters: over how long the present speed is taken.
SPEED_MONTHS = 6
_DAYS_A_MONTH = Decimal("30.4375")


@dataclass(frozen=True)
class Standing:
    """What a light is judged by. `earlier` is the percentage two quarters ago; None where it is not known."""

    stage: int
    start: dt.date | None
    finish: dt.date | None
    percent: int | None
    earlier: int | None = None


@dataclass(frozen=True)
class Light:
    """A light and why it is so, in one sentence."""

    code: str
    sentence: str

    @property
    def word(self) -> str:
        """Its name."""
        return str(WORDS[self.code])

    @property
    def behind(self) -> bool:
        """Whether the project lags behind its plan."""
        return self.code in (YELLOW, RED)


def light_of(standing: Standing, day: dt.date, thresholds: LightThreshold | None) -> Light:
    """The light on `day`. Without thresholds in force nothing is judged."""
    if thresholds is None:
        return Light(UNKNOWN, _("还没有亮灯标准。"))
    if standing.stage >= Stage.BASICALLY_BUILT:
        return Light(GREEN, _("已经建成。"))
    if standing.finish is not None and day > standing.finish:
        return _overdue(
            _("计划 %(day)s 建成，还没建成，晚了 %(days)d 天。"), standing.finish, day, thresholds.finish_red_days
        )
    if standing.stage < Stage.STARTED:
        if standing.start is None:
            return Light(UNKNOWN, _("还没动工，也没有计划开工日期。"))
        if day <= standing.start:
            return Light(NOT_DUE, _("计划 %(day)s 开工，还没到。") % {"day": standing.start})
        return _overdue(
            _("计划 %(day)s 开工，还没动工，晚了 %(days)d 天。"), standing.start, day, thresholds.start_red_days
        )
    return _under_way(standing, day, thresholds)


def _overdue(sentence: str, planned: dt.date, day: dt.date, red_days: int) -> Light:
    late = (day - planned).days
    return Light(RED if late >= red_days else YELLOW, sentence % {"day": planned, "days": late})


def _under_way(standing: Standing, day: dt.date, thresholds: LightThreshold) -> Light:
    start, finish, percent = standing.start, standing.finish, standing.percent
    if start is None or finish is None:
        return Light(UNKNOWN, _("没有完整的计划，不判断。"))
    if percent is None:
        return Light(UNKNOWN, _("还没有报过形象进度，不判断。"))
    scheduled = schedule_percent(start, finish, day)
    behind = scheduled - percent
    code = RED if behind > thresholds.red_points else YELLOW if behind >= thresholds.yellow_points else GREEN
    facts = {
        "percent": percent,
        "scheduled": scheduled,
        "behind": behind,
        "needs": formats.decimal(needed_a_month(percent, finish, day), 1),
        "gave": speed_words(percent, standing.earlier),
    }
    if behind > 0:
        sentence = _(
            "形象进度 %(percent)d%%，序时进度 %(scheduled)d%%，落后 %(behind)d 个百分点；"
            "每月需完成 %(needs)s%%，%(gave)s。"
        )
    else:
        sentence = _("形象进度 %(percent)d%%，序时进度 %(scheduled)d%%；每月需完成 %(needs)s%%，%(gave)s。")
    return Light(code, sentence % facts)


def schedule_percent(start: dt.date, finish: dt.date, day: dt.date) -> int:
    """The share of the planned time that has passed (序时进度), in whole per cent, rounded down, 0 to 100."""
    if day >= finish:
        return 100
    return max(0, 100 * (day - start).days // max(1, (finish - start).days))


def needed_a_month(percent: int, finish: dt.date, day: dt.date) -> Decimal:
    """Percentage points a month that are needed to be done by the planned finish."""
    months = max(Decimal((finish - day).days) / _DAYS_A_MONTH, Decimal(1))
    return Decimal(100 - percent) / months


def speed_words(percent: int, earlier: int | None) -> str:
    """What the last two quarters gave a month."""
    if earlier is None:
        return _("近两季没有可比的进度")
    speed = formats.decimal(Decimal(percent - earlier) / SPEED_MONTHS, 1)
    return _("近两季平均 %(speed)s%%") % {"speed": speed}


def with_standing(rows: Any, day: dt.date) -> Any:
    """Adds to projects what a light is judged by on `day`: `stage_then`, `start_then`, `finish_then`, `percent_then`
    and `percent_before`, each as it was then.
    """
    outer = OuterRef("pk")
    return rows.annotate(
        stage_then=StageEvent.objects.stage_by(day, outer),
        start_then=PlannedStage.objects.day_of(Stage.STARTED, day, outer),
        finish_then=PlannedStage.objects.day_of(Stage.BASICALLY_BUILT, day, outer),
        percent_then=newest_approved(day, outer, "percent"),
        percent_before=newest_approved(_two_quarters_before(day), outer, "percent"),
    )


def standing_of(project: Any) -> Standing:
    """The standing of a project read `with_standing`."""
    return Standing(
        project.stage_then, project.start_then, project.finish_then, project.percent_then, project.percent_before
    )


def judged(rows: Iterable[Any], day: dt.date) -> Iterator[Any]:
    """Projects read `with_standing` on `day`, each with its `Light` as `judged`. One query for all of them."""
    thresholds = LightThreshold.objects.on_day(day)
    for project in rows:
        project.judged = light_of(standing_of(project), day, thresholds)
        yield project


def with_red_mark(rows: Any) -> Any:
    """Adds `was_red` to projects: whether a light of theirs was red once. The mark stays when the light recovers."""
    return rows.annotate(was_red=Exists(RedMark.objects.filter(project=OuterRef("pk"))))


def with_light(rows: Any, day: dt.date) -> Any:
    """Adds `light` to projects: the code that `light_of` gives, decided in the database; and their standing."""
    thresholds = LightThreshold.objects.on_day(day)
    rows = with_standing(rows, day)
    if thresholds is None:
        return rows.annotate(light=Value(UNKNOWN, output_field=CharField()))
    one_day = dt.timedelta(days=1)
    begun = Q(stage_then__gte=Stage.STARTED)
    known = begun & Q(start_then__isnull=False, finish_then__isnull=False, percent_then__isnull=False)
    rows = rows.annotate(behind=_behind(day))
    cases = (
        (Q(stage_then__gte=Stage.BASICALLY_BUILT), GREEN),
        (Q(finish_then__lte=day - one_day * max(1, thresholds.finish_red_days)), RED),
        (Q(finish_then__lt=day), YELLOW),
        (~begun & Q(start_then__lte=day - one_day * max(1, thresholds.start_red_days)), RED),
        (~begun & Q(start_then__lt=day), YELLOW),
        (~begun & Q(start_then__gte=day), NOT_DUE),
        (known & Q(behind__gt=thresholds.red_points), RED),
        (known & Q(behind__gte=thresholds.yellow_points), YELLOW),
        (known, GREEN),
    )
    return rows.annotate(
        light=Case(
            *(When(when, then=Value(code)) for when, code in cases), default=Value(UNKNOWN), output_field=CharField()
        )
    )


def _behind(day: dt.date) -> Any:
    """Percentage points behind schedule, as `_under_way` has them; only meant where all of it is known."""
    passed = _Days(Cast(Value(day), DateField()), F("start_then"))
    scheduled = Case(
        When(finish_then__lte=day, then=Value(100)),
        When(start_then__gte=day, then=Value(0)),
        default=Value(100) * passed / _Days(F("finish_then"), F("start_then")),
        output_field=IntegerField(),
    )
    return scheduled - F("percent_then")


class _Days(Func):
    """Days from the second date to the first."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


def _two_quarters_before(day: dt.date) -> dt.date:
    """The last day of the month two quarters before the last month that was over by `day`."""
    month = Month.of(day + dt.timedelta(days=1))
    index = month.year * 12 + month.number - 1 - SPEED_MONTHS
    return Month(index // 12, index % 12 + 1).first_day - dt.timedelta(days=1)
